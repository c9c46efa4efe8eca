import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

/// Last in a connection to a server: reads when a part of the answer is asked for, and not before.
final class UpstreamInbox: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private enum State {
        case handshaking(EventLoopPromise<Void>)
        /// Between two requests: one read is under way, to see the server leave.
        case idle
        case open
        case failed(UpstreamError)
    }

    private var state: State
    private var context: ChannelHandlerContext?
    private var parts = CircularBuffer<HTTPClientResponsePart>()
    private var asked: EventLoopPromise<HTTPClientResponsePart>?

    /// With a promise it waits for TLS first.
    init(handshake: EventLoopPromise<Void>?) {
        state = handshake.map(State.handshaking) ?? .open
    }

    var isUsable: Bool {
        if case .idle = state { true } else { false }
    }

    /// The server has said something.
    var hasAnswer: Bool { !parts.isEmpty }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// The next part of the answer.
    func next(on loop: any EventLoop) -> EventLoopFuture<HTTPClientResponsePart> {
        if let part = parts.popFirst() { return loop.makeSucceededFuture(part) }
        if case .failed(let error) = state { return loop.makeFailedFuture(error) }
        let promise = loop.makePromise(of: HTTPClientResponsePart.self)
        asked = promise
        context?.read()
        return promise.futureResult
    }

    /// A request begins.
    ///
    /// False when the server has left, or said something unasked.
    func begin() -> Bool {
        guard isUsable else { return false }
        state = .open
        return true
    }

    /// The answer is complete.
    func rest() {
        guard case .open = state, parts.isEmpty else {
            context?.close(promise: nil)
            return
        }
        state = .idle
        context?.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshaking(let promise) = state, case .handshakeCompleted? = event as? TLSUserEvent {
            state = .open
            promise.succeed()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .idle = state { return fail(.malformed("it speaks unasked"), context) }
        let part = unwrapInboundIn(data)
        if let asked = asked.take() { asked.succeed(part) } else { parts.append(part) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if asked != nil { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.brokenOff("the server closed the connection"), context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.invalidEOFState:
            fail(.brokenOff("the server closed the connection"), context)
        case let error as HTTPParserError: fail(.malformed("\(error)"), context)
        case NIOSSLError.uncleanShutdown: fail(.brokenOff("the server closed the connection"), context)
        default:
            if case .handshaking = state {
                fail(.tls(TLSProblem.words(error)), context)
            } else {
                fail(.brokenOff("\(error)"), context)
            }
        }
    }

    /// The first reason counts.
    private func fail(_ error: UpstreamError, _ context: ChannelHandlerContext) {
        if case .failed = state { return }
        if case .handshaking(let promise) = state { promise.fail(error) }
        state = .failed(error)
        asked.take()?.fail(error)
        context.close(promise: nil)
    }
}

/// Why TLS with a server failed, for people.
enum TLSProblem {
    static func words(_ error: any Error) -> String {
        let text = "\(error)"
        // BoringSSL gives its reasons as text only.
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return
                "this host does not trust the server's certificate: its authority is unknown, or it has expired"
        }
        if text.contains("failedToValidateHostname") || text.contains("unableToValidateCertificate") {
            return "the server's certificate is another name's"
        }
        if text.contains("WRONG_VERSION_NUMBER") { return "the server does not speak it" }
        return text
    }
}
