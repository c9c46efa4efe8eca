import LabModel
import NIOCore
import NIOHTTP1

/// Why a connection to the web server's port is of no use.
enum Turnaway: Error, Hashable, CustomStringConvertible {
    case tls
    case notHTTP
    /// Nothing at all came.
    case silent
    /// A request began and did not end in time.
    case tooSlow
    /// Between two requests: no fault of anybody's.
    case idle

    var description: String {
        switch self {
        case .tls: "TLS, which the gateway does not speak"
        case .notHTTP: "the first bytes are not HTTP"
        case .silent: "nothing came"
        case .tooSlow: "the request took too long"
        case .idle: "idle"
        }
    }
}

/// Stands before the HTTP parser: looks at the first byte, keeps the time, and after a refusal swallows what still comes.
///
/// Swallowing matters: a connection that is closed over unread bytes is reset, and the client would never read why.
final class Doorkeeper: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the connection's task tells: the bytes alone do not show where a request ends.
    enum Notice: Sendable { case listening, requestComplete, responseComplete, refused }

    private enum State {
        case silent, receiving, responding, idle, refused
    }

    private let limits: GatewayConfiguration.Limits
    private var state = State.silent
    private var deadline: Scheduled<Void>?

    init(limits: GatewayConfiguration.Limits) { self.limits = limits }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .silent:
            let first = unwrapInboundIn(data).readableBytesView.first ?? 0
            // A method is a token, mostly of capitals; some clients send an empty line first (RFC 9112 §2.2).
            let isHTTP =
                (0x41...0x5A).contains(first) || (0x61...0x7A).contains(first) || first == 0x0D
                || first == 0x0A
            guard isHTTP else {
                state = .refused
                // A record of type «handshake» (RFC 8446 §5.1).
                return context.fireErrorCaught(first == 0x16 ? Turnaway.tls : Turnaway.notHTTP)
            }
            state = .receiving
            expect(within: limits.request, else: .tooSlow, context)
            context.fireChannelRead(data)
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
        case .listening: expect(within: limits.request, else: .silent, context)
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
