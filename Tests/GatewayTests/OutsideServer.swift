import Foundation
import LabModel
import NIOCore
import NIOPosix
import Synchronization
import Uplink

@testable import Gateway

/// A server on the host's loopback that says exactly what a test wants, connection by connection.
enum OutsideServer {
    /// What one connection's script talks with.
    struct Guest: Sendable {
        let channel: any Channel
        fileprivate let source: ByteSource

        func say(_ text: String) async throws { try await say(ByteBuffer(string: text)) }
        func say(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes).get() }
        /// The next bytes; nil at the client's end.
        func hear() async throws -> ByteBuffer? { try await source.next() }

        /// Up to that text; nil when the client left before.
        func hear(until end: String) async throws -> String? {
            var heard = ""
            while let bytes = try await hear() {
                heard += String(buffer: bytes)
                if heard.contains(end) { return heard }
            }
            return nil
        }
    }

    /// Before it is active a channel does not read.
    private final class Announcer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let arrivals: AsyncStream<any Channel>.Continuation
        init(_ arrivals: AsyncStream<any Channel>.Continuation) { self.arrivals = arrivals }
        func channelActive(context: ChannelHandlerContext) {
            arrivals.yield(context.channel)
            context.fireChannelActive()
        }
    }

    /// Serves for the time of the body, on a port of its own.
    static func with(
        _ serve: @escaping @Sendable (Guest) async throws -> Void,
        body: (Int) async throws -> Void
    ) async throws {
        let (guests, arrivals) = AsyncStream.makeStream(of: (any Channel).self)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Announcer(arrivals))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        try await withThrowingTaskGroup { group in
            group.addTask {
                await withDiscardingTaskGroup { group in
                    for await channel in guests {
                        group.addTask {
                            // Who leaves in the middle ends its own script only.
                            try? await serve(Guest(channel: channel, source: ByteSource(channel)))
                            channel.close(promise: nil)
                        }
                    }
                    group.cancelAll()
                }
            }
            defer {
                listener.close(promise: nil)
                arrivals.finish()
                group.cancelAll()
            }
            try await body(listener.localAddress?.port ?? 0)
        }
    }
}

/// What a server has heard, in the order in which it came.
final class Heard: Sendable {
    private let all = Mutex<[String]>([])
    func add(_ text: String) { all.withLock { $0.append(text) } }
    var list: [String] { all.withLock { $0 } }
}

extension RunningGateway {
    /// With a way out, which leads every name to that port of loopback, and HTTPS to another one if there is one.
    static func outside(
        _ port: Int,
        secure: Int? = nil,
        mode: UplinkMode = .direct,
        environment: [String: String] = [:],
        https: HTTPSPolicy = HTTPSPolicy(),
        change: (inout GatewayConfiguration) -> Void = { _ in },
        body: (RunningGateway) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let mappings = [secure.map { ":443:127.0.0.1:\($0)" }, "::127.0.0.1:\(port)"].compactMap(\.self)
        let server = try UplinkServer(
            at: folder.path + "/s",
            proxies: ProxySettings(environment),
            mappings: environment.isEmpty ? mappings.compactMap(ConnectTo.init) : []
        )
        Thread.detachNewThread { server.run() }
        defer { server.stop() }
        let dials = EventLog()
        let uplink = UplinkClient(at: folder.path + "/s", events: dials.sink)
        let link = try await uplink.join()
        defer { link.leave() }
        try await with(
            https: https,
            change: {
                $0.uplink = uplink
                change(&$0)
            }
        ) { lab in
            lab.gateway.uplinkMode = mode
            var lab = lab
            lab.dials = dials
            try await body(lab)
        }
    }

    /// curl with the gateway as its proxy.
    func curl(_ arguments: String) async throws -> Finished {
        try await shell("curl -sS -m 20 -x http://127.0.0.1:\(ports.tcp) \(arguments)")
    }
}
