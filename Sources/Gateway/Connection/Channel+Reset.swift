import Glibc
import NIOCore

extension Channel {
    /// Ends the connection with RST: what is still under way is lost, and of TLS nothing says farewell.
    func reset() async {
        // Both fail on what is closed already, which is as good.
        try? await (self as? any SocketOptionProvider)?.setSoLinger(Glibc.linger(l_onoff: 1, l_linger: 0))
            .get()
        try? await pipeline.addHandler(Breaker(), position: .first).get()
    }
}

/// Closes the channel from below all its handlers, so that none of them has a last word.
private final class Breaker: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = Never

    func handlerAdded(context: ChannelHandlerContext) { context.close(promise: nil) }
}
