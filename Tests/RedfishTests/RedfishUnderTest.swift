import AsyncHTTPClient
import Certificates
import Foundation
import IPMI
import LabModel
import NIOCore
import NIOHTTP1
import NIOSSL
import Subprocess
import Synchronization
import TestSupport
import Testing
import VirtualBMC

@testable import Redfish

/// A BMC on loopback that answers Redfish and IPMI, and clients of both.
struct RedfishUnderTest {
    static let uuid = "a1b2c3d4-e5f6-4789-8abc-0123456789ab"
    static let root = "/redfish/v1"
    static let system = "/redfish/v1/Systems/ctl01"
    static let manager = "/redfish/v1/Managers/BMC"

    let service: RedfishService
    let bmc: BMCServer
    let port: Int
    let authority: CertificateAuthority
    let events: EventLog
    private let client: HTTPClient

    /// What was answered.
    struct Reply: CustomStringConvertible {
        var status: Int
        var headers: HTTPHeaders
        var body: JSON
        var description: String { "\(status) \(String(decoding: body.bytes, as: UTF8.self))" }
        /// The messages' ids, without their registry.
        var messages: [String] {
            (body["error"]?["@Message.ExtendedInfo"]?.array ?? [])
                .compactMap { $0["MessageId"]?.string?.split(separator: ".").last.map(String.init) }
        }
    }

    /// Sends a request as `user:password`, or as nobody.
    func send(
        _ method: HTTPMethod,
        _ path: String,
        _ body: JSON? = nil,
        as user: String? = "root:secret",
        headers: [String: String] = [:],
        at address: String = "127.0.0.1"
    ) async throws -> Reply {
        try await send(method, path, bytes: body?.bytes, as: user, headers: headers, at: address)
    }

    func send(
        _ method: HTTPMethod,
        _ path: String,
        bytes: [UInt8]?,
        as user: String? = "root:secret",
        headers: [String: String] = [:],
        at address: String = "127.0.0.1"
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: "https://\(address):\(port)\(path)")
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let user {
            request.headers.add(
                name: "Authorization",
                value: "Basic \(Data(user.utf8).base64EncodedString())"
            )
        }
        if let bytes {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: bytes))
        }
        let response = try await client.execute(request, timeout: .seconds(30))
        let answer = try await response.body.collect(upTo: 1 << 20)
        let isJSON = response.headers.first(name: "content-type")?.contains("json") ?? false
        return Reply(
            status: Int(response.status.code),
            headers: response.headers,
            body: isJSON && answer.readableBytes > 0
                ? try JSON(parsing: answer.readableBytesView) : .string(String(buffer: answer))
        )
    }

    func get(_ path: String) async throws -> JSON {
        let reply = try await send(.GET, path)
        #expect(reply.status == 200, "GET \(path): \(reply)")
        return reply.body
    }

    /// `ipmitool -I lanplus` as root; several commands are parted by semicolons, and share a session.
    func ipmitool(_ commands: String) async throws -> String {
        let result = try await Subprocess.run(
            .name("ipmitool"),
            arguments: [
                "-I", "lanplus", "-C", "3", "-H", "127.0.0.1", "-p", "\(try #require(bmc.port))", "-U",
                "root", "-P",
                "secret", "exec", "/dev/stdin",
            ],
            input: .string(commands.split(separator: ";").joined(separator: "\n") + "\n"),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        return result.standardOutput + result.standardError
    }

    /// Runs it as long as `body` takes.
    static func with(
        _ chassis: MemoryChassis = MemoryChassis(),
        drive: (any MediaDrive)? = nil,
        largestImage: Int = MediaStore.largestImage,
        bootDevices: [BootDevice] = [.pxe, .disk, .cdrom],
        patience: Duration = .seconds(20),
        _ body: (RedfishUnderTest) async throws -> Void
    ) async throws {
        let events = EventLog()
        let node = try node()
        var configuration = try #require(BMCConfiguration(node, port: 0))
        configuration.accounts = [
            Account(name: "root", password: "secret"), Account(name: "op", password: "op", limit: .operator),
            Account(name: "guest", password: "guest", limit: .user),
        ]
        configuration.farewell = .seconds(2)
        let bmc = try BMCServer(configuration, chassis: chassis, network: LoopbackNetwork()) {
            events.append($0)
        }
        let authority = try CertificateAuthority(named: "test")
        try await bmc.start()
        try await withScratchFolder { folder in
            let machine = try #require(MachineDescription(node, bootDevices: bootDevices, bootsEFI: true))
            let service = RedfishService(
                machine,
                bmc: bmc,
                media: drive.map { MediaStore(folder: folder, drive: $0, largestImage: largestImage) },
                patience: patience
            ) { events.append($0) }
            let server = RedfishServer(service, port: 0) {
                try authority.issue(for: [node.name], at: [.v4($0)], lifetime: .machine)
            }
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates([
                try NIOSSLCertificate(bytes: Array(authority.certificate.utf8), format: .pem)
            ])
            let client = HTTPClient(configuration: HTTPClient.Configuration(tlsConfiguration: tls))
            let result: Result<Void, any Error>
            do {
                try await withThrowingTaskGroup { group in
                    group.addTask { try await bmc.run() }
                    group.addTask { try await server.run() }
                    await server.listens()
                    try await body(
                        RedfishUnderTest(
                            service: service,
                            bmc: bmc,
                            port: try #require(server.port),
                            authority: authority,
                            events: events,
                            client: client
                        )
                    )
                    group.cancelAll()
                }
                result = .success(())
            } catch {
                result = .failure(error)
            }
            try await client.shutdown()
            try result.get()
        }
    }

    static func node() throws -> Node {
        let address = try #require(IPv4Address("127.0.0.1"))
        return Node(
            name: "ctl01",
            roles: [],
            nics: [
                NIC(name: "eth0", mac: try #require(MACAddress("52:54:00:00:00:01"))),
                NIC(name: "eth1", mac: try #require(MACAddress("52:54:00:00:00:02"))),
            ],
            bmc: BMCAccess(address: address, user: "root", password: "secret"),
            uuid: uuid,
            serial: "PF-1",
            cpus: 2,
            disks: [.gibibytes(2), .gibibytes(4)]
        )
    }
}

/// The loopback network, in which every address of 127.0.0.0/8 is this host's already.
private struct LoopbackNetwork: BMCNetwork {
    func add(_ address: IPv4Address) async throws {}
    func remove(_ address: IPv4Address) async throws {}
}

/// The events of a BMC, kept.
final class EventLog: Sendable {
    private let events = Mutex<[LabEvent]>([])
    func append(_ event: LabEvent) { events.withLock { $0.append(event) } }
    var all: [LabEvent] { events.withLock { $0 } }
}
