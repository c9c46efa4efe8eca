import NIOCore

/// Announces a connection to whoever serves it, or closes it when nobody does any more.
final class Doorbell: ChannelInboundHandler {
    typealias InboundIn = Any

    private let visitors: AsyncStream<any Channel>.Continuation

    init(_ visitors: AsyncStream<any Channel>.Continuation) { self.visitors = visitors }

    func channelActive(context: ChannelHandlerContext) {
        if case .terminated = visitors.yield(context.channel) { context.close(promise: nil) }
        context.fireChannelActive()
    }
}
