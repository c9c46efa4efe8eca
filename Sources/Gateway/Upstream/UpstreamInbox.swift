import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

/// Last in a connection to a server: keeps what has come of an answer until it is asked for, and reads on while that is
/// not much.
final class UpstreamInbox: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private enum State {
        case handshaking(EventLoopPromise<Void>)
        /// Between two requests.
        case idle
        case open
        case failed(UpstreamError)
    }

    /// As many bytes of a body may wait; then nothing more is read until some of them were asked for.
    private static let ahead = 64 << 10

    private var state: State
    private var context: ChannelHandlerContext?
    private var parts = CircularBuffer<HTTPClientResponsePart>(initialCapacity: 4)
    /// In `parts`.
    private var waiting = 0
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

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        context.read()
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// The next part of the answer.
    func next(on loop: any EventLoop) -> EventLoopFuture<HTTPClientResponsePart> {
        if let part = parts.popFirst() {
            if case .body(let buffer) = part { letGo(buffer.readableBytes) }
            return loop.makeSucceededFuture(part)
        }
        if case .failed(let error) = state { return loop.makeFailedFuture(error) }
        let promise = loop.makePromise(of: HTTPClientResponsePart.self)
        asked = promise
        return promise.futureResult
    }

    /// All that is left of the answer; nil while some of it has not come.
    func rest() -> ByteBuffer? {
        guard case .end? = parts.last else { return nil }
        var body = ByteBuffer()
        for case .body(var piece) in parts {
            if body.readableBytes == 0 { body = piece } else { body.writeBuffer(&piece) }
        }
        parts.removeAll(keepingCapacity: true)
        letGo(body.readableBytes)
        return body
    }

    private func letGo(_ count: Int) {
        let wasMuch = waiting >= Self.ahead
        waiting -= count
        if wasMuch, waiting < Self.ahead { context?.read() }
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
    ///
    /// False when the connection cannot be used again.
    func end() -> Bool {
        guard case .open = state, parts.isEmpty else { return false }
        state = .idle
        return true
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
        if let asked = asked.take() { return asked.succeed(part) }
        if case .body(let buffer) = part { waiting += buffer.readableBytes }
        parts.append(part)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if waiting < Self.ahead { context.read() }
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
