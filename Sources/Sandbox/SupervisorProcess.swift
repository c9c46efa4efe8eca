import Glibc

/// A lab's supervisor, seen from outside: the process that listens on its control socket.
package enum SupervisorProcess {
    /// Its process id out here; nil when nobody listens.
    ///
    /// The kernel says it (SO_PEERCRED), so it is never stale.
    package static func find(listeningAt path: String) throws(SandboxError) -> Int32? {
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw .last("socket", on: path) }
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < room else {
            throw .unsupported("\(path) is too long for a socket")
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(socket, $0, length)
            }
        }
        if connected != 0 {
            if errno == ENOENT || errno == ECONNREFUSED { return nil }
            throw .last("connect", on: path)
        }
        // struct ucred (unix(7)): pid, uid, gid. glibc hides its name from strict programs.
        var peer: [Int32] = [0, 0, 0]
        var size = socklen_t(MemoryLayout<Int32>.stride * peer.count)
        guard unsafe getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 else {
            throw .last("getsockopt", on: path)
        }
        return peer[0]
    }

    /// Ends it, and with it, by the kernel, everything in its sandbox; waits until all of it is gone.
    package static func kill(_ pid: Int32, within limit: Duration = .seconds(20)) async throws(SandboxError) {
        guard Glibc.kill(pid, SIGKILL) == 0 || errno == ESRCH else {
            throw .last("kill", on: "process \(pid)")
        }
        try await waitUntilGone(pid, within: limit)
    }

    /// PID 1 of a sandbox is gone only after every other process in it.
    package static func waitUntilGone(_ pid: Int32, within limit: Duration) async throws(SandboxError) {
        let deadline = ContinuousClock.now + limit
        while Glibc.kill(pid, 0) == 0 {
            guard ContinuousClock.now < deadline else {
                throw .timeout("process \(pid)", hint: "look at what it waits for: cat /proc/\(pid)/stack")
            }
            do { try await Task.sleep(for: .milliseconds(5)) } catch { return }
        }
    }
}
