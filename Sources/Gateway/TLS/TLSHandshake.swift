import LabModel
import NIOCore
import NIOSSL
import NIOTLS

/// Stands behind TLS: says how the handshake ends, and keeps what the client sends right after it until somebody takes it.
final class TLSHandshake: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum State {
        case shaking
        /// Nobody has taken over yet.
        case shaken
        /// Somebody has, and not a byte has come.
        case listening
        case over
    }

    private let watch: AlertWatch
    private let patience: Duration
    private let leftUnheard: @Sendable () -> Void
    private let outcome: EventLoopPromise<Void>
    private var state = State.shaking
    private var collected = ByteBuffer()
    private var isClosed = false
    private var deadline: Scheduled<Void>?

    /// `outcome` fails with a `TLSFailure`; `leftUnheard` is for a client that goes after the handshake without a word.
    init(
        _ watch: AlertWatch,
        patience: Duration,
        outcome: EventLoopPromise<Void>,
        leftUnheard: @escaping @Sendable () -> Void
    ) {
        (self.watch, self.patience) = (watch, patience)
        (self.outcome, self.leftUnheard) = (outcome, leftUnheard)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(patience)) {
            self.end(.failure(TLSFailure(reason: "the handshake took too long")))
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent {
            context.pipeline.syncOperations.removeHandler(watch, promise: nil)
            end(.success(()))
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .shaking, .shaken: collected.writeImmutableBuffer(unwrapInboundIn(data))
        case .listening, .over:
            state = .over
            context.fireChannelRead(data)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        end(
            .failure(
                TLSFailure(alert: watch.alert) ?? TLSFailure(reason: "the client left in the middle of it")
            )
        )
        if case .listening = state { leftUnheard() }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard case .shaking = state else { return context.fireErrorCaught(error) }
        end(.failure(TLSFailure(alert: watch.alert) ?? TLSFailure(error)))
    }

    /// The handlers behind get what was collected, as if it came now.
    func handOver(on channel: any Channel) throws {
        let context = try channel.pipeline.syncOperations.context(handler: self)
        state = collected.readableBytes > 0 ? .over : .listening
        if collected.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(collected))
            context.fireChannelReadComplete()
            collected = ByteBuffer()
        }
        guard isClosed else { return }
        if case .listening = state { leftUnheard() }
        context.fireChannelInactive()
    }

    /// Nobody takes over: the client was gone before anybody could.
    func abandon() {
        guard case .shaken = state, collected.readableBytes == 0 else { return }
        state = .over
        leftUnheard()
    }

    /// The first end counts.
    private func end(_ result: Result<Void, TLSFailure>) {
        guard case .shaking = state else { return }
        deadline?.cancel()
        state = .shaken
        outcome.completeWith(result.mapError { $0 })
    }
}

/// Why a handshake came to nothing.
struct TLSFailure: Error, Hashable {
    let reason: String

    init(reason: String) { self.reason = reason }

    /// Nil when there is none.
    init?(alert: TLSAlert?) {
        guard let alert else { return nil }
        reason = "the client \(alert.words) (\(alert))"
    }

    init(_ error: any Error) {
        switch error {
        case NIOSSLError.handshakeFailed(.sslError(let stack)), BoringSSLError.sslError(let stack):
            if let failure = TLSFailure(alert: stack.lazy.compactMap({ TLSAlert(receivedIn: $0) }).first) {
                self = failure
            } else {
                // The library's own words: `error:100000f0:SSL routines:OPENSSL_internal:UNSUPPORTED_PROTOCOL at …`.
                let parts = stack.first?.description.split(separator: ":") ?? []
                let words = parts.dropFirst(5).first?.prefix { $0 != " " } ?? "for no known reason"
                reason = words.lowercased().replacing("_", with: " ")
            }
        case NIOSSLError.handshakeFailed, is IOError, is ChannelError:
            reason = "the client left in the middle of it"
        default: reason = "\(type(of: error))"
        }
    }
}
