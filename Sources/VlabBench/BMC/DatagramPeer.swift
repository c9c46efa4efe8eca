import Glibc

/// A UDP socket that is connected to one port of this machine.
final class DatagramPeer {
    private let socket: Int32
    private var buffer = [UInt8](repeating: 0, count: 2048)

    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw BenchError("socket: error \(errno)") }
        var patience = timeval(tv_sec: 2, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, size) == 0 else {
            throw BenchError("setsockopt: error \(errno)")
        }
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

    /// Sends a datagram and waits for the next one.
    func ask(_ datagram: [UInt8]) throws -> [UInt8] {
        guard unsafe send(socket, datagram, datagram.count, 0) == datagram.count else {
            throw BenchError("send: error \(errno)")
        }
        let count = unsafe recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else { throw BenchError("the BMC does not answer") }
        return Array(buffer[..<count])
    }
}
