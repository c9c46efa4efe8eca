import Dispatch
import Foundation
import Glibc
import LabModel
import Synchronization

/// An address to connect to, as the C library found it.
struct Endpoint: Sendable {
    let family: Int32
    fileprivate let bytes: [UInt8]
    /// For people: address and port.
    let text: String

    var scope: AddressScope {
        // Behind family and port: four bytes of IPv4; behind the flow label too: sixteen of IPv6.
        if family == AF_INET {
            return AddressScope(
                IPv4Address(bits: bytes.dropFirst(4).prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
            )
        }
        return IPv6Address(bytes: Array(bytes.dropFirst(8).prefix(16))).map { AddressScope($0) } ?? .here
    }

    /// Begins to connect; -1 when there is no such socket at all, with the reason in `errno`.
    func startConnecting() -> Int32 {
        let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let socket = Glibc.socket(family, flags, 0)
        guard socket >= 0 else { return -1 }
        let started = bytes.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                connect(socket, $0.baseAddress, socklen_t(bytes.count))
            }
        }
        guard started != 0, errno != EINPROGRESS else { return socket }
        let failure = errno
        close(socket)
        errno = failure
        return -1
    }
}

/// The host's own way of finding addresses: its files, its name servers.
enum Resolver {
    private enum Outcome: Sendable {
        case found([Endpoint])
        case failed(Int32)
    }

    private final class Answer: Sendable {
        let outcome = Mutex<Outcome?>(nil)
        let isThere = DispatchSemaphore(value: 0)
    }

    /// In the order in which they are worth trying: families alternate (RFC 8305 §4).
    static func endpoints(of target: UplinkTarget, until deadline: Deadline) throws(UplinkError) -> [Endpoint]
    {
        let answer = Answer()
        // getaddrinfo(3) cannot be told how long it may take: when nobody waits for it any more, its thread ends by itself.
        Thread.detachNewThread {
            let outcome = lookUp(target)
            answer.outcome.withLock { $0 = outcome }
            answer.isThere.signal()
        }
        let limit = DispatchTime.now() + .milliseconds(Int(deadline.milliseconds()))
        guard answer.isThere.wait(timeout: limit) == .success, let outcome = answer.outcome.withLock({ $0 })
        else {
            throw .failed(.timedOut, "\(target.host): no name server answered within \(deadline.limit.brief)")
        }
        switch outcome {
        case .found(let endpoints): return alternate(endpoints)
        case .failed(let code):
            let reason = gai_strerror(code).map { String(cString: $0) } ?? "error \(code)"
            throw .failed(.nameNotFound, "\(target.host): \(reason)")
        }
    }

    /// What the C library takes for an address rather than a name, `127.1` and `0x7f000001` included; nil for a name.
    static func literal(_ target: UplinkTarget) -> Endpoint? {
        guard case .found(let endpoints) = lookUp(target, AI_NUMERICHOST) else { return nil }
        return endpoints.first
    }

    private static func alternate(_ endpoints: [Endpoint]) -> [Endpoint] {
        guard let first = endpoints.first else { return [] }
        var preferred = endpoints.filter { $0.family == first.family }[...]
        var other = endpoints.filter { $0.family != first.family }[...]
        var result: [Endpoint] = []
        while let one = preferred.popFirst() { result += [one] + (other.popFirst().map { [$0] } ?? []) }
        return result + other
    }

    private static func lookUp(_ target: UplinkTarget, _ flags: Int32 = 0) -> Outcome {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV | flags
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(target.host, "\(target.port)", &hints, &list)
        guard status == 0 else { return .failed(status) }
        defer { freeaddrinfo(list) }
        var endpoints: [Endpoint] = []
        var next = list
        while let entry = next?.pointee {
            let bytes = [UInt8](UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen)))
            var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            getnameinfo(
                entry.ai_addr,
                entry.ai_addrlen,
                &name,
                socklen_t(name.count),
                nil,
                0,
                NI_NUMERICHOST
            )
            let address = String(
                decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
                as: UTF8.self
            )
            endpoints.append(
                Endpoint(
                    family: entry.ai_family,
                    bytes: bytes,
                    text: UplinkTarget(host: address, port: target.port)?.description ?? address
                )
            )
            next = entry.ai_next
        }
        return .found(endpoints)
    }
}
