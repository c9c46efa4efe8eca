import Glibc

/// QEMU's control socket (QMP), read line by line.
final class Monitor {
    private let socket: Int32
    private var pending: [UInt8] = []

    private init(_ socket: Int32) { self.socket = socket }

    deinit { close(socket) }

    /// Connects as soon as QEMU listens, and reads its greeting, which comes when its main loop runs.
    static func connect(to path: String, by deadline: ContinuousClock.Instant) async throws -> Monitor {
        while true {
            if let socket = try open(path) {
                let monitor = Monitor(socket)
                let greeting = try monitor.line()
                guard greeting.contains("QMP") else {
                    throw BenchError("\(path): QEMU greets with \(greeting)")
                }
                return monitor
            }
            guard ContinuousClock.now < deadline else { throw BenchError("\(path): QEMU does not listen") }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Nil while nobody listens.
    private static func open(_ path: String) throws -> Int32? {
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw BenchError("socket: error \(errno)") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw BenchError("\(path) is too long for a socket")
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(socket, $0, length)
            }
        }
        if result == 0 { return socket }
        close(socket)
        return nil
    }

    /// The answer to a command; events that come before it are passed over.
    func ask(_ command: String) throws -> String {
        let bytes = Array((command + "\n").utf8)
        guard unsafe send(socket, bytes, bytes.count, 0) == bytes.count else {
            throw BenchError("QMP: send failed")
        }
        while true {
            let line = try line()
            if line.contains(#""return""#) || line.contains(#""error""#) { return line }
        }
    }

    private func line() throws -> String {
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                defer { pending.removeFirst(end + 1) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = unsafe recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { throw BenchError("QMP: QEMU hung up") }
            pending += buffer[..<count]
        }
    }
}
