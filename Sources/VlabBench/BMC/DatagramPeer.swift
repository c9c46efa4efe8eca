import Glibc

/// A UDP socket that is connected to one port of this machine and never waits.
final class DatagramPeer {
    let socket: Int32
    private var buffer = [UInt8](repeating: 0, count: 2048)

    init(port: Int) throws {
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        socket = Glibc.socket(AF_INET, type, 0)
        guard socket >= 0 else { throw BenchError("socket: error \(errno)") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(socket, $0, length)
            }
        }
        guard result == 0 else { throw BenchError("connect to port \(port): error \(errno)") }
    }

    deinit { close(socket) }

    func send(_ datagram: [UInt8]) throws {
        // Nobody listens yet, or no more: whoever waits for the answer sends again.
        guard
            unsafe Glibc.send(socket, datagram, datagram.count, 0) == datagram.count || errno == ECONNREFUSED
        else { throw BenchError("send: error \(errno)") }
    }

    /// The next datagram that has come; nil when none has.
    func receive() throws -> [UInt8]? {
        let count = unsafe recv(socket, &buffer, buffer.count, 0)
        if count > 0 { return Array(buffer[..<count]) }
        guard count == 0 || errno == EAGAIN || errno == ECONNREFUSED else {
            throw BenchError("recv: error \(errno)")
        }
        return nil
    }
}
