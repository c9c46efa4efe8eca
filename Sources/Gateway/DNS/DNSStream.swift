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
        guard let client = context.remoteAddress.flatMap({ IPv4Address($0) }) else { return }
        received.writeImmutableBuffer(unwrapInboundIn(data))
        while let message = received.readLengthPrefixedSlice(as: UInt16.self) {
            postpone(context)
            // A client that asks and asks and never reads is not answered any more.
            guard context.channel.isWritable else { return context.close(promise: nil) }
            guard let answer = service.answer(message, from: client) else { continue }
            var framed = context.channel.allocator.buffer(capacity: answer.readableBytes + 2)
            framed.writeInteger(UInt16(answer.readableBytes))
            framed.writeImmutableBuffer(answer)
            context.writeAndFlush(wrapOutboundOut(framed), promise: nil)
        }
        received.discardReadBytes()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// A client that asks nothing for so long is let go (RFC 7766 §6.2.3).
    private func postpone(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(idle)) {
            context.close(promise: nil)
        }
    }
}
