import LabModel
import NIOCore

/// The first at a new connection: collects what the client says first, until it is clear what it speaks, and hands all
/// of it on to those who come after.
final class Greeter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let visitors: AsyncStream<Visitor>.Continuation
    private let patience: Duration
    private var collected = ByteBuffer()
    private var hello = ClientHelloReader()
    private var greeting: EventLoopPromise<Greeting?>?
    private var deadline: Scheduled<Void>?
    private var isClosed = false
    /// The client says no more, and may still listen.
    private var hasSaidAll = false

    /// Announces each connection to `visitors`, or closes it when nobody serves it any more.
    init(_ visitors: AsyncStream<Visitor>.Continuation, patience: Duration) {
        (self.visitors, self.patience) = (visitors, patience)
    }

    func channelActive(context: ChannelHandlerContext) {
        let promise = context.eventLoop.makePromise(of: Greeting?.self)
        greeting = promise
        wait(atMost: patience, on: context.eventLoop)
        let visitor = Visitor(
            channel: context.channel,
            client: context.remoteAddress.flatMap { IPAddress($0) },
            destination: OriginalDestination.find(of: context.channel),
            greeting: promise.futureResult,
            greeter: NIOLoopBound(self, eventLoop: context.eventLoop)
        )
        if case .terminated = visitors.yield(visitor) { context.close(promise: nil) }
        context.fireChannelActive()
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        collected.writeImmutableBuffer(bytes)
        look(at: bytes, context)
    }

    private func look(at bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        if collected.readableBytesView.first == ClientHelloReader.firstByte {
            if let seen = read(bytes) { decide(seen) } else { context.read() }
        } else if let seen = Greeting(collected.readableBytesView) {
            decide(seen)
        } else if collected.readableBytes >= Greeting.limit {
            decide(.binary)
        } else {
            context.read()
        }
    }

    /// Nil while the message is not whole; a reader of it bounds itself.
    private func read(_ bytes: ByteBuffer) -> Greeting? {
        do {
            return try hello.receive(bytes).map { .tls($0) }
        } catch {
            return .brokenTLS(error)
        }
    }

    /// It left without a word, or before it could be understood.
    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        decide(nil)
        context.fireChannelInactive()
    }

    /// Who has not said enough to be understood by then has left.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            hasSaidAll = true
            decide(nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// For a connection that was announced already.
    convenience init() { self.init(AsyncStream.makeStream(of: Visitor.self).continuation, patience: .zero) }

    /// The same connection once more, when what has come so far was for the gateway itself.
    func greet(
        again channel: any Channel,
        behind length: Int,
        patience: Duration
    ) throws -> EventLoopFuture<Greeting?> {
        let context = try channel.pipeline.syncOperations.context(handler: self)
        let promise = channel.eventLoop.makePromise(of: Greeting?.self)
        greeting = promise
        hello = ClientHelloReader()
        collected.moveReaderIndex(forwardBy: min(length, collected.readableBytes))
        collected.discardReadBytes()
        guard !isClosed, !hasSaidAll || collected.readableBytes > 0, channel.isActive else {
            decide(nil)
            return promise.futureResult
        }
        wait(atMost: patience, on: channel.eventLoop)
        if collected.readableBytes > 0 { look(at: collected, context) } else { context.read() }
        return promise.futureResult
    }

    /// How many bytes have come, as far as they are still here.
    var said: Int { collected.readableBytes }

    /// Longer silence is an answer.
    func wait(atMost patience: Duration, on loop: any EventLoop) {
        guard greeting != nil else { return }
        deadline?.cancel()
        deadline = loop.assumeIsolated().scheduleTask(in: TimeAmount(patience)) {
            self.decide(Greeting.silence)
        }
    }

    /// Steps aside: the handlers behind get what was collected, as if it came now.
    func handOver(on channel: any Channel) throws {
        let context = try channel.pipeline.syncOperations.context(handler: self)
        if collected.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(collected))
            context.fireChannelReadComplete()
            collected = ByteBuffer()
        }
        if isClosed {
            context.fireChannelInactive()
        } else if hasSaidAll {
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    private func decide(_ seen: Greeting?) {
        deadline?.cancel()
        // What began and did not go on is what its first byte says.
        switch (seen, collected.readableBytesView.first) {
        case (.silence, ClientHelloReader.firstByte):
            greeting?.succeed(.brokenTLS(ClientHelloRefusal("it does not end")))
        case (.silence, .some): greeting?.succeed(.text)
        default: greeting?.succeed(seen)
        }
        greeting = nil
    }
}

/// A new connection, and what is known of it.
struct Visitor: Sendable {
    let channel: any Channel
    /// Nil when it had left before it could be looked at.
    let client: IPAddress?
    /// Whom it wanted to reach; nil for the gateway itself.
    let destination: EventLoopFuture<OriginalDestination?>
    /// What it speaks; nil when it has left before that was clear.
    let greeting: EventLoopFuture<Greeting?>
    let greeter: NIOLoopBound<Greeter>
}
