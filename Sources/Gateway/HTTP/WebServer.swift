import LabModel
import NIOCore
import NIOPosix
import Uplink

/// What all connections share: the servers outside, the rules, and who is told.
final class WebServer: Sendable {
    let origins: OriginTable
    let outside: OutsideNames
    let rules: RuleBook
    let reporter: Reporter
    let limits: GatewayConfiguration.Limits
    let opener: TLSOpener
    let https: HTTPSPolicy
    let connections: OpenConnections
    let way: WayOut
    /// Nil where nothing is recorded.
    let recorded: RecordedWorld?

    init(
        origins: OriginTable,
        outside: OutsideNames,
        rules: RuleBook,
        reporter: Reporter,
        limits: GatewayConfiguration.Limits,
        opener: TLSOpener,
        https: HTTPSPolicy,
        connections: OpenConnections,
        way: WayOut,
        recorded: RecordedWorld?
    ) {
        (self.origins, self.outside, self.rules, self.reporter) = (origins, outside, rules, reporter)
        (self.limits, self.opener, self.https) = (limits, opener, https)
        (self.connections, self.way, self.recorded) = (connections, way, recorded)
    }

    /// The port of the outside world that speaks HTTP; whatever comes for another one has nobody to talk to.
    static let port = 80

    /// An open port, and who has come through it.
    struct Listener: Sendable {
        /// One for each family of addresses.
        let channels: [any Channel]
        let connections: AsyncStream<Visitor>
    }

    func listen(port: Int, on group: any EventLoopGroup) async throws -> Listener {
        let (connections, visitors) = AsyncStream.makeStream(of: Visitor.self)
        let places = AddressFamily.present.map { family -> SharedPort.Place in
            { port in
                try await ServerBootstrap(group: group)
                    .serverChannelOption(.backlog, value: 1024)
                    // Nothing is read before somebody is there to take it.
                    .childChannelOption(.autoRead, value: false)
                    // Some say all at once, and then listen.
                    .childChannelOption(.allowRemoteHalfClosure, value: true)
                    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .childChannelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(
                                Greeter(visitors, patience: self.limits.request)
                            )
                        }
                    }
                    .bind(family, port: port)
            }
        }
        let channels = try await SharedPort.open(port, service: "TCP", at: places)
        for channel in channels { channel.closeFuture.whenComplete { _ in visitors.finish() } }
        return Listener(channels: channels, connections: connections)
    }

    /// Asks the server outside that a request is for; its answer's head has come when this returns.
    func fetch(
        _ request: UpstreamRequest,
        on loop: any EventLoop,
        _ leash: Leash
    ) async throws -> UpstreamResponse {
        guard way.mode.reachesOut, let upstream = way.upstream else {
            throw UpstreamError.uplink(
                .failed(.unreachable, "it was not recorded, and nothing leaves the lab")
            )
        }
        return try await upstream.fetch(request, on: loop, leash: leash)
    }

    /// Serves connections until the task is cancelled; each one's end, good or bad, is its own.
    func run(_ listener: Listener, executors: [ObjectIdentifier: LoopExecutor]) async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for await visitor in listener.connections {
                    let executor = executors[ObjectIdentifier(visitor.channel.eventLoop)]
                    group.addTask(executorPreference: executor) { await Connection(visitor, self).run() }
                }
                group.cancelAll()
            }
        } onCancel: {
            for channel in listener.channels { channel.close(promise: nil) }
        }
    }
}
