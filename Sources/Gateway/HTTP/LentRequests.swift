import NIOCore
import Uplink

/// The requests of a conversation that the connection's task answers: those for which somebody has to be waited for.
struct LentRequests: Sendable {
    private let channel: any Channel
    private let conversation: NIOLoopBound<Conversation>

    /// On the channel's event loop.
    init(of conversation: Conversation, on channel: any Channel) {
        self.channel = channel
        self.conversation = NIOLoopBound(conversation, eventLoop: channel.eventLoop)
    }

    /// Answers them until the connection ends, which it does when the task is cancelled.
    func answer() async {
        let (loop, conversation) = (channel.eventLoop, conversation)
        await withTaskCancellationHandler {
            let leash = Leash(channel)
            while let exchange = await next() {
                let sequel = await exchange.finish(self, leash)
                if loop.inEventLoop {
                    conversation.value.goOn(sequel)
                } else {
                    loop.execute { conversation.value.goOn(sequel) }
                }
            }
        } onCancel: {
            loop.execute { conversation.value.stop() }
        }
    }

    /// To whom the client wants a tunnel; nil when the connection ended otherwise.
    var tunnel: UplinkTarget? {
        // As below: then there is no connection any more.
        get async { try? await onLoop { $1.makeSucceededFuture($0.tunnel) } }
    }

    /// Nil at the end of the connection.
    private func next() async -> Exchange? {
        // It fails only where no event loop runs any more.
        try? await onLoop { $0.take(on: $1) }
    }

    /// More of the request's body; nil at its end.
    func piece() async throws -> ByteBuffer? {
        let (loop, conversation) = (channel.eventLoop, conversation)
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            return try await onLoop { $0.piece(on: $1) }
        } onCancel: {
            loop.execute { conversation.value.forgetReader() }
        }
    }

    /// All of the request has come.
    var isWhole: Bool {
        // As above: then nothing comes any more.
        get async { (try? await onLoop { $1.makeSucceededFuture($0.hasWholeRequest) }) ?? true }
    }

    /// However long the request's body takes.
    func passOn() async {
        // It fails only where no event loop runs any more, and then nobody is timed.
        try? await onLoop { conversation, loop in
            conversation.passOn()
            return loop.makeSucceededVoidFuture()
        }
    }

    private func onLoop<Result: Sendable>(
        _ body: @escaping @Sendable (Conversation, any EventLoop) -> EventLoopFuture<Result>
    ) async throws -> Result {
        let (loop, conversation) = (channel.eventLoop, conversation)
        if loop.inEventLoop { return try await body(conversation.value, loop).get() }
        return try await loop.flatSubmit { body(conversation.value, loop) }.get()
    }
}
