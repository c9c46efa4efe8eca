import LabModel
import NIOCore
import NIOHTTP1
import Uplink

/// One connection that speaks HTTP: requests come in, answers go out, one after the other.
///
/// Last in its pipeline. What nobody has to be waited for is answered on the event loop, as it comes in; the rest is
/// lent to the connection's task (`LentRequests`), and the loop goes on when the task gives it back.
final class Conversation: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What becomes of the connection behind an answer.
    enum Sequel: Sendable { case keepAlive, close, reset, linger, refuse(HTTPRefusal) }

    private enum State {
        /// For a request.
        case waiting
        /// For the end of a request that has no body: it comes with the head.
        case ending(Exchange)
        /// An answer is on its way.
        case answering
        /// The connection's task has the request.
        case lent
        /// Nothing is listened to any more.
        case over
    }

    /// As many parts of requests may wait as two heads have, or a body's pieces: then nothing more is read.
    private static let ahead = 4

    private let party: Party
    private let server: WebServer
    private let doorkeeper: Doorkeeper
    private let client: Client

    private var state = State.waiting
    private var context: ChannelHandlerContext?
    private var parts = CircularBuffer<HTTPServerRequestPart>(initialCapacity: 4)
    /// What was wrong behind the last of the parts.
    private var failure: (any Error)?
    /// All of the request that is being answered has come.
    private(set) var hasWholeRequest = true
    /// To whom the client wants a tunnel on this connection, on which HTTP is over then.
    private(set) var tunnel: UplinkTarget?
    private var isReadHeld = false
    private var isBusy = false
    private var isStopping = false
    /// The client had said all before anybody listened: it is answered, and then the connection ends.
    private var hasSaidAll = false
    private var hasLeft = false
    private var lingering: Scheduled<Void>?
    /// For the task: lent and not taken yet.
    private var lent: Exchange?
    private var taker: EventLoopPromise<Exchange?>?
    private var reader: EventLoopPromise<ByteBuffer?>?

    init(_ party: Party, _ server: WebServer, behind doorkeeper: Doorkeeper) {
        (self.party, self.server, self.doorkeeper) = (party, server, doorkeeper)
        client = server.reporter.client(at: party.address)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .over = state { return }
        parts.append(unwrapInboundIn(data))
        goOn(context)
    }

    /// Whoever is without its end now has to wait for it.
    func channelReadComplete(context: ChannelHandlerContext) {
        if case .ending(let exchange) = state { lend(exchange) }
        context.fireChannelReadComplete()
    }

    /// What is not looked at yet is enough; but the client's leaving is to be seen.
    func read(context: ChannelHandlerContext) {
        if parts.count < Self.ahead { context.read() } else { isReadHeld = true }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = failure ?? error
        goOn(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            hasSaidAll = true
            goOn(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func leave() {
        (state, hasLeft) = (.over, true)
        lingering?.cancel()
        taker.take()?.succeed(nil)
        reader.take()?.fail(UpstreamError.requestBrokenOff)
    }

    // MARK: - On the loop

    /// Answers what can be answered; not called by itself, however many requests have come at once.
    private func goOn(_ context: ChannelHandlerContext) {
        guard !isBusy else { return }
        isBusy = true
        while step(context) {}
        isBusy = false
        if isReadHeld, parts.count < Self.ahead {
            isReadHeld = false
            context.read()
        }
    }

    /// False when something has to come first.
    private func step(_ context: ChannelHandlerContext) -> Bool {
        switch state {
        case .answering, .over: return false
        case .lent:
            guard let reader, let piece = nextPiece() else { return false }
            self.reader = nil
            reader.completeWith(piece)
            return true
        case .ending(let exchange):
            guard case .end? = parts.first else { return false }
            parts.removeFirst()
            endRequest()
            answer(exchange, context)
            return true
        case .waiting:
            guard case .head(let head)? = parts.popFirst() else {
                if let failure {
                    fail(failure, context)
                } else if hasSaidAll {
                    state = .over
                    context.close(promise: nil)
                }
                return false
            }
            hasWholeRequest = false
            begin(head, context)
            return true
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        if head.method == .CONNECT, party.asked == nil, let target = UplinkTarget(authority: head.uri) {
            (state, tunnel) = (.over, target)
            taker.take()?.succeed(nil)
            return
        }
        do {
            let exchange = try Exchange(head, client, party, server, on: context.channel)
            if exchange.comesAtOnce { state = .ending(exchange) } else { lend(exchange) }
        } catch {
            refuse(error, context)
        }
    }

    private func answer(_ exchange: Exchange, _ context: ChannelHandlerContext) {
        guard exchange.answerAtOnce(isWhole: true),
            let sent = exchange.transfer.sendAtOnce(exchange.delivery)
        else { return lend(exchange) }
        state = .answering
        sent.assumeIsolated().whenComplete { result in
            switch result {
            case .success: exchange.report("complete")
            case .failure: exchange.report(self.isStopping ? "gateway stopped" : "client left")
            }
            self.goOn(exchange.keepsAlive ? .keepAlive : .close)
        }
    }

    /// Behind an answer.
    func goOn(_ sequel: Sequel) {
        guard let context, !hasLeft else { return }
        switch sequel {
        case .keepAlive:
            state = .waiting
            doorkeeper.responseComplete()
            goOn(context)
        case .close:
            state = .over
            context.close(promise: nil)
        case .reset: state = .over
        case .linger: linger(context)
        case .refuse(let refusal): refuse(refusal, context)
        }
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        if let refusal = HTTPRefusal(error) { return refuse(refusal, context) }
        // Idle for too long; or the client has left.
        state = .over
        context.close(promise: nil)
    }

    private func refuse(_ refusal: HTTPRefusal, _ context: ChannelHandlerContext) {
        state = .over
        doorkeeper.refuse()
        server.reporter.report(
            "http.refused",
            client,
            ["status": "\(refusal.status.code)", "reason": refusal.reason]
        )
        var delivery = Delivery.text(refusal.status, "vlab gateway: \(refusal.reason)")
        _ = delivery.complete(keepAlive: false, version: .http1_1)
        let sent = Transfer(context.channel, sendsFiles: false).sendAtOnce(delivery)
        sent?.assumeIsolated().whenComplete { _ in self.linger(context) }
    }

    /// No more from here, and what still comes is swallowed until the client has read why it is refused, or for a moment.
    private func linger(_ context: ChannelHandlerContext) {
        guard !hasLeft else { return }
        state = .over
        context.close(mode: .output, promise: nil)
        let limit = TimeAmount(server.limits.linger)
        lingering = context.eventLoop.assumeIsolated().scheduleTask(in: limit) {
            context.close(promise: nil)
        }
    }

    // MARK: - For the task

    private func lend(_ exchange: Exchange) {
        state = .lent
        if let taker = taker.take() { taker.succeed(exchange) } else { lent = exchange }
    }

    /// The next request that somebody has to be waited for; nil at the end of the connection.
    func take(on loop: any EventLoop) -> EventLoopFuture<Exchange?> {
        if let lent = lent.take() { return loop.makeSucceededFuture(lent) }
        if hasLeft || tunnel != nil { return loop.makeSucceededFuture(nil) }
        let promise = loop.makePromise(of: Exchange?.self)
        taker = promise
        return promise.futureResult
    }

    /// More of the lent request's body; nil at its end.
    func piece(on loop: any EventLoop) -> EventLoopFuture<ByteBuffer?> {
        guard let piece = nextPiece() else {
            let promise = loop.makePromise(of: ByteBuffer?.self)
            reader = promise
            return promise.futureResult
        }
        if let context { goOn(context) }
        return loop.makeCompletedFuture(piece)
    }

    /// Nobody waits for more of the body any more.
    func forgetReader() { reader.take()?.fail(CancellationError()) }

    /// Nil while it has not come.
    private func nextPiece() -> Result<ByteBuffer?, any Error>? {
        guard !hasWholeRequest else { return .success(nil) }
        switch parts.popFirst() {
        case .body(let piece): return .success(piece)
        case .end:
            endRequest()
            return .success(nil)
        case nil where failure == nil && !hasLeft: return nil
        case .head, nil: return .failure(failure ?? UpstreamError.requestBrokenOff)
        }
    }

    private func endRequest() {
        hasWholeRequest = true
        doorkeeper.requestComplete()
    }

    /// However long the request takes: as long as bytes come, somebody works.
    func passOn() { doorkeeper.requestComplete() }

    /// The gateway stops.
    func stop() {
        isStopping = true
        context?.close(promise: nil)
    }
}

extension HTTPRefusal {
    /// Nil for what is no fault of the request's.
    init?(_ error: any Error) {
        switch error {
        case let refusal as HTTPRefusal: self = refusal
        case let turnaway as Turnaway where turnaway == .tooSlow:
            self.init(status: .requestTimeout, reason: turnaway.description)
        // What the parser makes of the preface of HTTP/2.
        case HTTPParserError.invalidVersion, HTTPParserError.paused:
            self.init(
                status: .httpVersionNotSupported,
                reason: "only HTTP/1.0 and 1.1 are spoken, with CR LF behind each line"
            )
        case HTTPParserError.headerOverflow:
            self.init(status: .requestHeaderFieldsTooLarge, reason: "the header is too large")
        case let error as HTTPParserError:
            self.init(status: .badRequest, reason: "malformed request: \(error)")
        default: return nil
        }
    }
}
