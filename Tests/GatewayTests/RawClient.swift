import NIOCore
import NIOPosix
import Synchronization

/// A TCP client that says exactly what it is told to, and counts what comes back.
final class RawClient: Sendable {
    private struct State {
        var received: [UInt8] = []
        var isClosed = false
        var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let client: RawClient
        init(_ client: RawClient) { self.client = client }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            client.change { $0.received += Array(self.unwrapInboundIn(data).readableBytesView) }
        }
        func channelInactive(context: ChannelHandlerContext) { client.change { $0.isClosed = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)

    init(port: Int, reading: Bool = true) async throws {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reading)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(self))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        self.channel.withLock { $0 = channel }
    }

    func send(_ text: String) async throws {
        try await channel.withLock { $0 }?.writeAndFlush(ByteBuffer(string: text)).get()
    }

    func send(bytes: [UInt8]) async throws {
        try await channel.withLock { $0 }?.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    func close() async throws { try await channel.withLock { $0 }?.close().get() }

    var received: [UInt8] { state.withLock { $0.received } }
    var text: String { String(decoding: received, as: UTF8.self) }
    var isClosed: Bool { state.withLock { $0.isClosed } }
    /// What came behind the first empty line.
    var body: [UInt8] {
        let all = received
        let end = Array("\r\n\r\n".utf8)
        guard all.count >= 4,
            let start = (0...(all.count - 4)).first(where: { Array(all[$0..<$0 + 4]) == end })
        else {
            return []
        }
        return Array(all[(start + 4)...])
    }

    /// Until so many bytes have come, or the connection is over.
    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let now = state.withLock { state in
                if state.isClosed || state.received.count >= count { return true }
                state.waiting.append((count, continuation))
                return false
            }
            if now { continuation.resume() }
        }
    }

    /// Until so many bytes have come behind the first empty line; what is there then.
    func body(of count: Int) async -> [UInt8] {
        while true {
            let seen = received.count
            let body = self.body
            if body.count >= count || isClosed { return body }
            // The count was taken before the body was looked at: nothing can come unnoticed in between.
            await wait(for: seen + 1)
        }
    }

    func untilClosed() async { await wait(for: .max) }

    private func change(_ body: (inout State) -> Void) {
        let due = state.withLock { state in
            body(&state)
            let (isClosed, count) = (state.isClosed, state.received.count)
            let due = state.waiting.filter { isClosed || count >= $0.count }
            state.waiting.removeAll { isClosed || count >= $0.count }
            return due
        }
        for waiter in due { waiter.continuation.resume() }
    }
}
