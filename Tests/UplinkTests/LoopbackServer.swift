import Foundation
import Glibc
import Synchronization

@testable import Uplink

/// A TCP server on loopback whose connections are served on threads of their own.
final class LoopbackServer: Sendable {
    let port: Int
    private let listener: OwnedSocket

    /// Without a service nobody accepts: what its queue holds is connected, the rest gets no answer.
    init(family: Int32 = AF_INET, backlog: Int32 = 16, _ serve: (@Sendable (Int32) -> Void)? = nil) throws {
        let socket = OwnedSocket(owning: Glibc.socket(family, Int32(SOCK_STREAM.rawValue), 0))
        var storage = sockaddr_in6()
        if family == AF_INET {
            withUnsafeMutableBytes(of: &storage) {
                $0.withMemoryRebound(to: sockaddr_in.self) {
                    $0[0].sin_family = sa_family_t(AF_INET)
                    $0[0].sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
                }
            }
        } else {
            storage.sin6_family = sa_family_t(AF_INET6)
            storage.sin6_addr = in6addr_loopback
        }
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let number = socket.number
        let isOpen = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(number, address, size) == 0 && listen(number, backlog) == 0
                    && getsockname(number, address, &size) == 0
            }
        }
        guard isOpen else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EINVAL) }
        // At the same place in both families.
        port = Int(UInt16(bigEndian: storage.sin6_port))
        listener = socket
        guard let serve else { return }
        Thread.detachNewThread {
            while case let guest = accept(number, nil, nil), guest >= 0 {
                Thread.detachNewThread {
                    serve(guest)
                    close(guest)
                }
            }
        }
    }

    /// No more connections.
    func stop() { shutdown(listener.number, Int32(SHUT_RDWR)) }
    deinit { stop() }
}

/// Blocking input and output of tests' own servers and connections.
enum Wire {
    static func write(_ text: String, to socket: Int32) {
        _ = send(socket, text, text.utf8.count, Int32(MSG_NOSIGNAL))
    }

    /// Reads until the text has come, the end, or ten seconds without anything.
    static func read(from socket: Int32, until end: String = "\n") -> String {
        var text = ""
        while !text.contains(end) {
            var waited = [pollfd(socket, Int32(POLLIN))]
            poll(&waited, milliseconds: 10_000)
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = waited[0].isDue ? recv(socket, &bytes, bytes.count, 0) : 0
            guard count > 0 else { return text }
            text += String(decoding: bytes.prefix(count), as: UTF8.self)
        }
        return text
    }
}
