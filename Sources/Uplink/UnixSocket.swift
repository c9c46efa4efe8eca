import Glibc

/// Stream sockets by a path (unix(7)).
enum UnixSocket {
    /// Only for this user: whoever may connect may go out.
    static func listen(at path: String) throws(UplinkError) -> OwnedSocket {
        let socket = OwnedSocket(owning: Glibc.socket(AF_UNIX, stream | cloexec, 0))
        guard socket.number >= 0 else { throw .cannotListen(path: path, reason: words(of: errno)) }
        unlink(path)
        // The file takes the mode that the socket has when it is bound (`unix_bind_bsd` in the kernel's af_unix.c).
        guard fchmod(socket.number, 0o600) == 0,
            let bound = withAddress(path, { bind(socket.number, $0, $1) })
        else { throw .cannotListen(path: path, reason: "the path is too long for a socket") }
        guard bound == 0, Glibc.listen(socket.number, 1024) == 0 else {
            throw .cannotListen(path: path, reason: words(of: errno))
        }
        return socket
    }

    /// Does not wait: it is connected, or it is not.
    static func connect(to path: String) throws(UplinkError) -> OwnedSocket {
        let socket = OwnedSocket(
            owning: Glibc.socket(AF_UNIX, stream | cloexec | Int32(SOCK_NONBLOCK.rawValue), 0)
        )
        guard socket.number >= 0 else { throw .gone(words(of: errno)) }
        guard withAddress(path, { Glibc.connect(socket.number, $0, $1) }) == 0 else {
            // Its backlog is full.
            if errno == EAGAIN { throw .failed(.busy, "the uplink's helper has more to do than it can") }
            throw .gone(words(of: errno))
        }
        return socket
    }

    /// The user at the other end (SO_PEERCRED), as this process's user namespace numbers them.
    static func peer(of socket: Int32) -> uid_t? {
        // struct ucred: pid, uid, gid; glibc hides its name from strict programs.
        var credentials: [Int32] = [0, 0, 0]
        var size = socklen_t(MemoryLayout<Int32>.stride * credentials.count)
        guard getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else { return nil }
        return uid_t(bitPattern: credentials[1])
    }

    private static let stream = Int32(SOCK_STREAM.rawValue)
    private static let cloexec = Int32(SOCK_CLOEXEC.rawValue)

    /// Nil when the path is too long.
    private static func withAddress<Result>(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
