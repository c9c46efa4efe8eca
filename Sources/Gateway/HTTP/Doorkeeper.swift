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
final class Doorkeeper: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum State {
        case receiving, responding, idle, refused
    }

    private let limits: GatewayConfiguration.Limits
    private var state = State.receiving
    /// Until when the client is waited for, and what is then said; nil while it waits for us.
    private var due: (time: NIODeadline, turnaway: Turnaway)?
    /// One for many requests: it looks at `due` when it fires, and sleeps on when that has moved.
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    init(limits: GatewayConfiguration.Limits) { self.limits = limits }

    /// A request has begun, or this would not be HTTP.
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        expect(within: limits.request, else: .tooSlow)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .idle:
            state = .receiving
            expect(within: limits.request, else: .tooSlow)
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

    /// The client has done its part: the bytes alone do not show where a request ends.
    func requestComplete() { (state, due) = (.responding, nil) }

    /// It is the client's turn.
    func responseComplete() {
        state = .idle
        expect(within: limits.idle, else: .idle)
    }

    /// What still comes is for nobody.
    func refuse() {
        (state, due) = (.refused, nil)
        context?.read()
    }

    private func expect(within limit: Duration, else turnaway: Turnaway) {
        let time = NIODeadline.now() + TimeAmount(limit)
        due = (time, turnaway)
        if timer == nil, let context { sleep(until: time, context) }
    }

    /// No longer than a request may take: whoever is waited for next is not waited for too long.
    private func sleep(until time: NIODeadline, _ context: ChannelHandlerContext) {
        let time = min(time, .now() + TimeAmount(limits.request))
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: time) {
            self.timer = nil
            guard let due = self.due else { return }
            guard due.time <= .now() else { return self.sleep(until: due.time, context) }
            self.due = nil
            self.state = .refused
            context.fireErrorCaught(due.turnaway)
        }
    }
}
