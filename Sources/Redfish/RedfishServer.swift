import Certificates
import HTTPTypes
import HummingbirdCore
import HummingbirdTLS
import LabModel
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Synchronization
import VirtualBMC

/// A Redfish service on HTTPS at its BMC's address, wherever the BMC moves.
///
///     let server = RedfishServer(service) { try authority.issue(for: [node], at: [.v4($0)]) }
///     try await server.run()            // Answers until the task is cancelled.
package final class RedfishServer: Sendable {
    /// HTTPS.
    package static let standardPort = 443

    private let service: RedfishService
    private let requestedPort: Int
    private let identity: @Sendable (IPv4Address) throws -> CertificateAuthority.Identity
    private let group: any EventLoopGroup
    private let bound = Mutex<Int?>(nil)
    /// Ends once it listens, or never will.
    private let start = AsyncStream<Never>.makeStream()

    /// A BMC has few clients at a time.
    private static let connections = 64
    private static let idle: TimeAmount = .seconds(60)

    /// `identity` is what it shows at an address.
    package init(
        _ service: RedfishService,
        port: Int = standardPort,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        identity: @escaping @Sendable (IPv4Address) throws -> CertificateAuthority.Identity
    ) {
        (self.service, requestedPort) = (service, port)
        (self.identity, self.group) = (identity, group)
    }

    /// Where it listens, at each address alike; nil before that.
    package var port: Int? { bound.withLock { $0 } }

    /// Waits until it listens, or has failed to.
    package func listens() async { for await _ in start.stream {} }

    /// Answers until the task is cancelled.
    package func run() async throws {
        defer { start.continuation.finish() }
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { [service] in await service.run() }
            var seen: Set<IPv4Address> = []
            for await addresses in service.bmc.addresses {
                for address in addresses where seen.insert(address).inserted {
                    group.addTask {
                        do {
                            try await self.stay(at: address)
                        } catch  where self.port != nil && !Task.isCancelled {
                            // The BMC has moved, and is reached by IPMI alone.
                            self.service.cannotMove(to: address, error)
                        }
                    }
                }
            }
        }
    }

    /// Answers at an address whenever it is the BMC's.
    private func stay(at address: IPv4Address) async throws {
        for await addresses in service.bmc.addresses where addresses.contains(address) {
            let server = try server(at: address)
            try await withThrowingTaskGroup { group in
                group.addTask { try await server.run() }
                group.addTask { [service] in
                    for await addresses in service.bmc.addresses where !addresses.contains(address) { return }
                }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    private func server(at address: IPv4Address) throws -> any Service {
        try HTTPServerBuilder.tls(
            .http1(
                configuration: HTTP1Channel.Configuration(
                    idleTimeout: Self.idle,
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 16 << 10,
                        maxHeaderListSize: 32 << 10,
                        maxHeaderFieldCount: 100
                    )
                )
            ),
            tlsConfiguration: tls(at: address)
        ).buildServer(
            configuration: ServerConfiguration(
                address: .hostname("\(address)", port: port ?? requestedPort),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connections)
            ),
            eventLoopGroup: group,
            // Nothing above debug comes from here.
            logger: Logger(label: "vlab.redfish", factory: { _ in SwiftLogNoOpLogHandler() }),
            responder: { [service] request, writer, channel in
                guard !service.isOffline else {
                    try await channel.close()
                    throw CancellationError()
                }
                let response = await Self.respond(to: request, from: channel, with: service)
                try await writer.write(response: response.head, body: response.body)
            },
            onServerRunning: { [self] channel in
                bound.withLock { $0 = channel.localAddress?.port }
                start.continuation.finish()
            }
        )
    }

    private func tls(at address: IPv4Address) throws -> TLSConfiguration {
        let identity = try identity(address)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [
                .certificate(try NIOSSLCertificate(bytes: Array(identity.certificate.utf8), format: .pem))
            ],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.key.utf8), format: .pem))
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }

    // MARK: HTTP

    private static func respond(
        to request: Request,
        from channel: any Channel,
        with service: RedfishService
    ) async -> Response {
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        var call = Call(
            Call.Method(rawValue: request.method.rawValue),
            request.uri.path,
            query: request.uri.queryParameters.map { (String($0.key), String($0.value)) },
            headers: headers,
            client: channel.remoteAddress?.ipAddress ?? ""
        )
        do {
            // One byte more than is allowed, so that the service sees that it is too much.
            let body = try await request.body.collect(upTo: RedfishService.largestBody + 1)
            call.body = Array(body.readableBytesView)
        } catch {
            call.body = Array(repeating: 0, count: RedfishService.largestBody + 1)
        }
        let answer = await service.answer(call)
        return response(answer, isHead: call.method == .head)
    }

    private static func response(_ answer: Answer, isHead: Bool) -> Response {
        var headers = HTTPFields()
        headers[.cacheControl] = "no-cache"
        if let version = HTTPField.Name("OData-Version") { headers[version] = "4.0" }
        let body: ByteBuffer?
        switch answer.body {
        case .none: body = nil
        case .json(let json):
            body = ByteBuffer(bytes: json.bytes)
            headers[.contentType] = "application/json; charset=utf-8"
        case .text(let text, let type):
            body = ByteBuffer(string: text)
            headers[.contentType] = "\(type); charset=utf-8"
        }
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        let full = Response(
            status: HTTPResponse.Status(code: answer.status),
            headers: headers,
            body: body.map { ResponseBody(byteBuffer: $0) } ?? ResponseBody()
        )
        return isHead ? full.createHeadResponse() : full
    }
}
