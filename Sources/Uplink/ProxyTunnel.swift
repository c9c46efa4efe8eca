import Glibc
import LabModel

/// Has an HTTP proxy connect to somebody else (RFC 9110 §9.3.6).
struct ProxyTunnel {
    let proxy: ProxySettings.Proxy
    let target: UplinkTarget
    let deadline: Deadline

    private static let longestHead = 16 << 10

    /// Returns when the next byte on the socket is the server's own.
    func open(_ socket: Int32) throws(UplinkError) {
        var request = "CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n"
        if let authorization = proxy.authorization { request += "Proxy-Authorization: \(authorization)\r\n" }
        // A new socket has room for it.
        guard DescriptorMessage.send(request + "\r\n", to: socket) else {
            throw failed("it hung up: \(words(of: errno))")
        }
        let head = try readHead(socket)
        let line = head.prefix { $0 != "\r\n" && $0 != "\n" }
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw failed("it does not speak HTTP: \(line.prefix(80))")
        }
        guard (200..<300).contains(status) else {
            throw failed("it said \(words.dropFirst().joined(separator: " "))")
        }
    }

    /// Up to the empty line, and not a byte more: what comes behind it may be the server's greeting.
    private func readHead(_ socket: Int32) throws(UplinkError) -> String {
        var head: [UInt8] = []
        while head.count < Self.longestHead {
            var waited = [pollfd(socket, Int32(POLLIN))]
            poll(&waited, milliseconds: deadline.milliseconds())
            if deadline.hasPassed { throw failed("no answer within \(deadline.limit.brief)") }
            guard waited[0].isDue else { continue }
            var bytes = [UInt8](repeating: 0, count: 2048)
            let seen = recv(socket, &bytes, bytes.count, Int32(MSG_PEEK))
            if seen < 0, errno == EAGAIN || errno == EINTR { continue }
            guard seen > 0 else { throw failed("it hung up") }
            let (end, isComplete) = Self.end(of: head + bytes.prefix(seen))
            let taken = end - head.count
            guard recv(socket, &bytes, taken, 0) == taken else { throw failed("it hung up") }
            head += bytes.prefix(taken)
            if isComplete { return String(decoding: head, as: UTF8.self) }
        }
        throw failed("its answer has no end")
    }

    /// Where the head ends, behind its empty line; all of it when that has not come yet.
    static func end(of bytes: [UInt8]) -> (Int, isComplete: Bool) {
        let mark = Array("\r\n\r\n".utf8)
        guard bytes.count >= mark.count,
            let start = (0...bytes.count - mark.count).first(where: { bytes[$0..<$0 + 4].elementsEqual(mark) }
            )
        else { return (bytes.count, false) }
        return (start + mark.count, true)
    }

    private func failed(_ reason: String) -> UplinkError {
        .failed(.proxy, "\(target): the host's proxy \(proxy.target) did not connect: \(reason)")
    }
}
