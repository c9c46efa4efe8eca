import LabModel
import NIOCore
import NIOHTTP1
import NIOPosix

/// What all connections share: the servers outside, the rules, and who is told.
struct WebServer: Sendable {
    typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
    typealias Listener = NIOAsyncChannel<Connection, Never>

    let origins: OriginTable
    let outside: OutsideNames
    let rules: RuleBook
    let reporter: Reporter
    let limits: GatewayConfiguration.Limits

    /// The port of the outside world that speaks HTTP; whatever comes for another one has nobody to talk to.
    static let port = 80

    func listen(port: Int, on group: any EventLoopGroup) async throws -> Listener {
        do {
            return try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelInitializer { $0.eventLoop.makeCompletedFuture(withResultOf: $0.closeOnExec) }
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .bind(host: "0.0.0.0", port: port) { channel in
                    channel.eventLoop.makeCompletedFuture { try prepare(channel) }
                }
        } catch {
            throw GatewayError.cannotListen(service: "TCP", port: port, reason: "\(error)")
        }
    }

    private func prepare(_ channel: any Channel) throws -> Connection {
        var decoder = NIOHTTPDecoderLimitConfiguration()
        decoder.maxHeaderFieldSize = limits.targetBytes
        decoder.maxHeaderListSize = limits.headerBytes
        decoder.maxHeaderFieldCount = limits.headerFields
        try channel.closeOnExec()
        try channel.pipeline.syncOperations.addHandlers(
            Doorkeeper(limits: limits),
            HTTPResponseEncoder(),
            ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: decoder))
        )
        return try Connection(wrappingChannelSynchronously: channel)
    }

    /// Serves connections until the task is cancelled; each one's end, good or bad, is its own.
    func run(_ listener: Listener, executors: [ObjectIdentifier: LoopExecutor]) async throws {
        try await listener.executeThenClose { connections in
            await withDiscardingTaskGroup { group in
                do {
                    for try await connection in connections {
                        let executor = executors[ObjectIdentifier(connection.channel.eventLoop)]
                        group.addTask(executorPreference: executor) {
                            await Conversation(connection, self).run()
                        }
                    }
                } catch {
                    // The listening socket broke: nobody can connect any more, and those who are, are served.
                }
                group.cancelAll()
            }
        }
    }
}
