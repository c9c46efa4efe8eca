import LabModel
import NIOCore
import NIOHTTP1

/// Why a client is waited for no longer.
enum Turnaway: Error, Hashable, CustomStringConvertible {
    /// A request began and did not end in time.
    case tooSlow
    /// Between two requests: no fault of anybody's.
    case idle

    var description: String {
        switch self {
        case .tooSlow: "the request took too long"
        case .idle: "idle"
        }
    }
}

/// Stands before the HTTP parser: keeps the time, and after a refusal swallows what still comes.
///
/// Swallowing matters: a connection that is closed over unread bytes is reset, and the client would never read why.
final class Doorkeeper: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the connection's task tells: the bytes alone do not show where a request ends.
    enum Notice: Sendable { case requestComplete, responseComplete, refused }

    private enum State {
        case receiving, responding, idle, refused
    }

    private let limits: GatewayConfiguration.Limits
    private var state = State.receiving
    private var deadline: Scheduled<Void>?

    init(limits: GatewayConfiguration.Limits) { self.limits = limits }

    /// A request has begun, or this would not be HTTP.
    func handlerAdded(context: ChannelHandlerContext) {
        expect(within: limits.request, else: .tooSlow, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .idle:
            state = .receiving
            expect(within: limits.request, else: .tooSlow, context)
            context.fireChannelRead(data)
        case .receiving, .responding: context.fireChannelRead(data)
        case .refused: break
        }
    }

    /// The async channel behind reads no more after an error; somebody must, to see the client leave.
    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if case .refused = state { context.read() }
    }

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext,
        event: Any,
        promise: EventLoopPromise<Void>?
    ) {
        guard let notice = event as? Notice else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        deadline?.cancel()
        switch notice {
        case .requestComplete: state = .responding
        case .responseComplete:
            state = .idle
            expect(within: limits.idle, else: .idle, context)
        case .refused:
            state = .refused
            context.read()
        }
        promise?.succeed()
    }

    private func expect(within limit: Duration, else turnaway: Turnaway, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) {
            self.state = .refused
            context.fireErrorCaught(turnaway)
        }
    }
}
