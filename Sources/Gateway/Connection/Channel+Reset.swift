import Glibc
import NIOCore

extension Channel {
    /// Ends the connection with RST: what is still under way is lost.
    func reset() async {
        // Fails on what is closed already.
        try? await (self as? any SocketOptionProvider)?.setSoLinger(Glibc.linger(l_onoff: 1, l_linger: 0))
            .get()
        close(promise: nil)
    }
}
