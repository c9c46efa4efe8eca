import Glibc
import NIOCore

extension Channel {
    /// Keeps the socket from programs that this process starts.
    ///
    /// NIO leaves it open in them, and then a connection does not end for the client when the gateway closes it.
    func closeOnExec() throws {
        try pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            descriptor in
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }
}
