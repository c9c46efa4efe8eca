/// What is going to be spoken on a connection: it decides how a proxy of the host is asked.
package enum UplinkPurpose: String, CaseIterable, Sendable {
    case http, tls, tcp
}

/// To whom a connection leads, and how requests are written on it.
package enum UplinkForm: Hashable, Sendable {
    /// To the server itself.
    case direct
    /// To an HTTP proxy: requests are in absolute form (RFC 9112 §3.2.2) and carry this Proxy-Authorization.
    case proxy(authorization: String?)
}

/// What the lab's side says to the helper: one line, the first and last of its connection.
///
///     dial SP http|tls|tcp SP HOST SP PORT LF
///     join LF
///
/// Who has joined holds the connection for as long as the lab lives: the helper ends when it is closed.
enum UplinkRequest: Hashable, Sendable {
    case dial(UplinkPurpose, UplinkTarget)
    case join

    static let longest = 512

    var line: String {
        switch self {
        case .dial(let purpose, let target): "dial \(purpose.rawValue) \(target.host) \(target.port)\n"
        case .join: "join\n"
        }
    }

    /// Nil when it is malformed.
    init?(line: some Sequence<UInt8>) {
        guard let text = String(validating: Array(line), as: UTF8.self), text.hasSuffix("\n") else {
            return nil
        }
        let words = text.dropLast().split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        switch (words.first, words.count) {
        case ("join", 1): self = .join
        case ("dial", 4):
            guard let purpose = UplinkPurpose(rawValue: words[1]), let port = Int(words[3]),
                "\(port)" == words[3], let target = UplinkTarget(host: words[2], port: port)
            else { return nil }
            self = .dial(purpose, target)
        default: return nil
        }
    }
}

/// A host and a port outside.
package struct UplinkTarget: Hashable, Sendable, CustomStringConvertible {
    /// A name, or an address without brackets.
    package let host: String
    package let port: Int

    /// Nil for what is neither a host's name nor an address, or no port.
    package init?(host: String, port: Int) {
        // The dot of the root (RFC 3986 §3.2.2): the same host.
        let host = host.hasSuffix(".") ? String(host.dropLast()) : host
        let isPlain = host.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"): true
            default: false
            }
        }
        // RFC 1035 §2.3.4: a name has 255 bytes on the wire, which are 253 in print.
        guard isPlain, (1...253).contains(host.utf8.count), !host.hasPrefix("-"),
            (1...65535).contains(port)
        else { return nil }
        (self.host, self.port) = (host.lowercased(), port)
    }

    /// As in a URL: an address of IPv6 in brackets (RFC 3986 §3.2.2).
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// What the helper answers: one line, and with `connected` and `proxied` the socket itself (SCM_RIGHTS, unix(7)).
///
///     connected LF
///     proxied [SP PROXY-AUTHORIZATION] LF
///     joined LF
///     failed SP KIND SP TEXT LF
enum UplinkAnswer: Hashable, Sendable {
    case dialled(UplinkForm)
    case joined
    case failed(UplinkError.Failure, String)

    static let longest = 4096

    var line: String {
        switch self {
        case .dialled(.direct): "connected\n"
        case .dialled(.proxy(nil)): "proxied\n"
        case .dialled(.proxy(let authorization?)): "proxied \(authorization)\n"
        case .joined: "joined\n"
        case .failed(let failure, let text):
            "failed \(failure.rawValue) \(text.replacing("\n", with: " ").prefix(1024))\n"
        }
    }

    /// Nil when it is malformed.
    init?(line: some Sequence<UInt8>) {
        guard let text = String(validating: Array(line), as: UTF8.self), text.hasSuffix("\n") else {
            return nil
        }
        let words = text.dropLast().split(separator: " ", maxSplits: 1).map(String.init)
        switch (words.first, words.count) {
        case ("connected", 1): self = .dialled(.direct)
        case ("proxied", _): self = .dialled(.proxy(authorization: words.dropFirst().first))
        case ("joined", 1): self = .joined
        case ("failed", 2):
            let parts = words[1].split(separator: " ", maxSplits: 1).map(String.init)
            guard parts.count == 2, let failure = UplinkError.Failure(rawValue: parts[0]) else { return nil }
            self = .failed(failure, parts[1])
        default: return nil
        }
    }
}
