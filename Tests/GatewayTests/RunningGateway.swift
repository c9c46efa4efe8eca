import Certificates
import Foundation
import LabModel
import Sandbox

@testable import Gateway

extension RefusalFilter: PacketFilter {}

/// A gateway with one mirror, on loopback, for the time of a test.
struct RunningGateway: Sendable {
    let gateway: Gateway
    let ports: GatewayPorts
    let events: EventLog
    let folder: TemporaryFolder
    /// What its uplink tells; nothing where it has none.
    var dials = EventLog()

    /// A mirror's URL, as a client on loopback asks for it without redirection.
    func url(_ path: String) -> String { "http://127.0.0.1:\(ports.tcp)\(path)" }
    /// For curl: the name of the mirror on that connection.
    var host: String { "-H 'Host: mirror-a.vlab.test'" }

    static let node = IPv4Address(bits: 0x0A14_0032)

    static func with(
        limits: GatewayConfiguration.Limits = GatewayConfiguration.Limits(),
        https: HTTPSPolicy = HTTPSPolicy(),
        change: (inout GatewayConfiguration) -> Void = { _ in },
        files: (TemporaryFolder) throws -> Void = { _ in },
        body: (RunningGateway) async throws -> Void
    ) async throws {
        let (folder, events) = (try TemporaryFolder(), EventLog())
        let authority = try CertificateAuthority(named: "test")
        try folder.write("ca.pem", authority.certificate)
        try files(folder)
        var configuration = GatewayConfiguration(
            authority: authority,
            https: https,
            origins: [
                Origin(
                    hosts: ["mirror-a.vlab.test", "mirror-b.vlab.test"],
                    prefix: "/images/",
                    folder: folder.path
                )
            ],
            nodes: ["ctl01": node],
            limits: limits
        )
        // Clients on loopback call it by its address.
        configuration.registry = Registry(
            hosts: [Registry.host, "127.0.0.1"],
            folder: folder.path + "/registry"
        )
        if PrivateNetwork.isHere {
            // 10.20.0.50 and whatever else that card has is a node.
            configuration.filter = RefusalFilter(cards: ["cmp01": [PrivateNetwork.card].compactMap(\.self)])
        }
        change(&configuration)
        let gateway = Gateway(configuration, events: events.sink) {
            $0.description == "127.0.0.1" ? "self" : nil
        }
        try await withThrowingTaskGroup { group in
            group.addTask { try await gateway.run() }
            let ports = try await gateway.ports
            do {
                try await body(RunningGateway(gateway: gateway, ports: ports, events: events, folder: folder))
            } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
