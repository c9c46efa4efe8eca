import Gateway
import IPMI
import Lab
import LabModel
import Libvirt
import VirtualBMC

/// BMCs on loopback, each with a domain of libvirt's test driver of its own.
struct TestDriverBMCs {
    static let account = Account(name: "root", password: "admin")

    private let host = LibvirtHost(uri: "test:///default")
    private(set) var servers: [BMCServer] = []

    /// Makes them; each answers when this returns.
    ///
    /// `first` is the port of the first one, nil for any free ports.
    init(
        _ count: Int,
        first: Int? = nil,
        suites: [CipherSuite] = CipherSuite.standard,
        profile: VendorProfile = .wellBehaved,
        delay: Duration = .zero
    ) async throws {
        // Each takes a socket.
        DescriptorLimit.raise()
        try await host.connect()
        for index in 0..<count {
            servers.append(
                try await serve(index, port: first.map { $0 + index } ?? 0, suites, profile, delay)
            )
        }
    }

    private func serve(
        _ index: Int,
        port: Int,
        _ suites: [CipherSuite],
        _ profile: VendorProfile,
        _ delay: Duration
    ) async throws -> BMCServer {
        let name = "bmc\(index + 1)"
        let digits = String(index + 1, radix: 16)
        let uuid = "766c6162-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
        let machine = TestDriverMachine(host.domain(name), uuid: uuid, delay: delay)
        try await machine.define()
        var configuration = BMCConfiguration(
            node: name,
            uuid: uuid,
            address: .loopback,
            port: port,
            accounts: [Self.account],
            suites: suites
        )
        configuration.profile = profile
        let server = try BMCServer(configuration, chassis: machine)
        machine.onBoot { [weak server] in server?.machineBoots(.unknown) }
        machine.watch { [weak server] in server?.machineEvent($0) }
        try await server.start()
        return server
    }

    /// Has them do what they are asked to, until the task is cancelled.
    func run() async throws {
        try await withThrowingTaskGroup { group in
            for server in servers { group.addTask { try await server.run() } }
            try await group.waitForAll()
        }
    }
}

extension IPv4Address {
    /// 127.0.0.1.
    static let loopback = IPv4Address(bits: 0x7F00_0001)
}
