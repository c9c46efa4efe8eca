import NIOCore

/// Last in a connection whose bytes are passed on unread: reads when they are asked for, and not before.
final class ByteInbox: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var context: ChannelHandlerContext?
    private var collected = ByteBuffer()
    private var asked: EventLoopPromise<ByteBuffer?>?
    private var hasEnded = false
    private var failure: (any Error)?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// The next bytes; nil when the other side says no more.
    func next(on loop: any EventLoop) -> EventLoopFuture<ByteBuffer?> {
        if collected.readableBytes > 0 {
            defer { collected = ByteBuffer() }
            return loop.makeSucceededFuture(collected)
        }
        if let failure { return loop.makeFailedFuture(failure) }
        if hasEnded { return loop.makeSucceededFuture(nil) }
        let promise = loop.makePromise(of: ByteBuffer?.self)
        asked = promise
        context?.read()
        return promise.futureResult
    }

    /// Nobody waits for more any more.
    func forgetAsker() { asked.take()?.fail(CancellationError()) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if let asked = asked.take() { asked.succeed(bytes) } else { collected.writeBuffer(&bytes) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if asked != nil { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { end() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = failure ?? error
        asked.take()?.fail(error)
        context.close(promise: nil)
    }

    private func end() {
        hasEnded = true
        asked.take()?.succeed(nil)
    }
}

/// The bytes that come from one end of a relay.
struct ByteSource: Sendable {
    let channel: any Channel
    private let inbox: NIOLoopBound<ByteInbox>

    /// From here on nothing is read unasked; `handOver` lets go of what has come already.
    init(
        _ channel: any Channel,
        handOver: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) async throws {
        self.channel = channel
        inbox = try await channel.eventLoop.submit {
            let inbox = ByteInbox()
            // Who has said all may still listen.
            try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
            try channel.pipeline.syncOperations.addHandler(inbox)
            try handOver(channel)
            return NIOLoopBound(inbox, eventLoop: channel.eventLoop)
        }.get()
    }

    func next() async throws -> ByteBuffer? {
        let (inbox, loop) = (inbox, channel.eventLoop)
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            if loop.inEventLoop { return try await inbox.value.next(on: loop).get() }
            return try await loop.flatSubmit { inbox.value.next(on: loop) }.get()
        } onCancel: {
            loop.execute { inbox.value.forgetAsker() }
        }
    }
}
