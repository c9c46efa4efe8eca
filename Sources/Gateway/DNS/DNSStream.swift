import LabModel
import NIOCore

/// DNS over TCP: each message behind its length in two bytes (RFC 7766 §8).
final class DNSStream: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let service: DNSService
    private let idle: Duration
    private var received = ByteBuffer()
    private var deadline: Scheduled<Void>?
    /// Answers that are late.
    private var waiting = 0
    /// As many as one client may have.
    private static let mostWaiting = 1000

    init(service: DNSService, idle: Duration) { (self.service, self.idle) = (service, idle) }

    func channelActive(context: ChannelHandlerContext) {
        postpone(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let client = context.remoteAddress.flatMap({ IPAddress($0) }) else { return }
        received.writeImmutableBuffer(unwrapInboundIn(data))
        while let message = received.readLengthPrefixedSlice(as: UInt16.self) {
            postpone(context)
            // A client that asks and asks and never reads is not answered any more.
            guard context.channel.isWritable else { return context.close(promise: nil) }
            guard waiting < Self.mostWaiting,
                let reply = service.answer(message, from: client, over: .tcp)
            else { continue }
            answer(reply, context)
        }
        received.discardReadBytes()
    }

    /// Each when it is due, whatever was asked first (RFC 7766 §6.2.1.1).
    private func answer(_ reply: LateReply, _ context: ChannelHandlerContext) {
        waiting += 1
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        reply.whenDue(on: context.eventLoop) {
            let (handler, context) = bound.value
            handler.waiting -= 1
            guard context.channel.isActive else { return }
            handler.postpone(context)
            var framed = context.channel.allocator.buffer(capacity: reply.bytes.readableBytes + 2)
            framed.writeInteger(UInt16(reply.bytes.readableBytes))
            framed.writeImmutableBuffer(reply.bytes)
            context.writeAndFlush(handler.wrapOutboundOut(framed), promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// A client that asks nothing for so long is let go (RFC 7766 §6.2.3).
    private func postpone(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(idle)) {
            // Who is waited for here is not idle.
            guard self.waiting == 0 else { return self.postpone(context) }
            context.close(promise: nil)
        }
    }
}
