import LabModel
import NIOHTTP1
import Uplink

/// A request that was understood: who wants what from whom.
package struct HTTPRequest: Sendable {
    enum Scheme: String, Sendable {
        case http, https

        var port: Int { self == .http ? 80 : 443 }
    }

    /// As the client sent it, unless a fault edited it.
    var head: HTTPRequestHead
    let target: RequestTarget
    let scheme: Scheme
    /// The server's port.
    let port: Int
    /// The address to go to where it has no name; nil for the host's.
    var address: String?
    let client: Client

    /// Whom it is for: of a redirected connection that is known, of another one the request says it.
    ///
    /// Who asks a server for somebody else's URL takes it for a proxy: the gateway is that proxy then.
    init(_ head: HTTPRequestHead, from client: Client, _ party: Party) throws(HTTPRefusal) {
        let target = try RequestTarget(head, server: party.name)
        let isOfAnother =
            target.url.map { $0.host != party.dialled || $0.port != party.port } ?? false
            && !party.isAsked && party.scheme == .http
        (self.head, self.client) = (head, client)
        if party.isAsked || isOfAnother {
            self.target = isOfAnother ? try RequestTarget(head, server: nil) : target
            scheme = target.scheme ?? party.scheme
            (port, address) = (target.port ?? scheme.port, nil)
        } else {
            (self.target, scheme, port) = (target, party.scheme, party.port)
            address = party.name == nil ? (party.destination?.address).map { "\($0)" } : nil
        }
    }

    var url: String { scheme.rawValue + "://" + authority + target.raw }
    /// As a Host field has it.
    var authority: String {
        let host = target.host.utf8.contains(UInt8(ascii: ":")) ? "[\(target.host)]" : target.host
        return port == scheme.port ? host : "\(host):\(port)"
    }
    /// Whom to connect to.
    var dialled: String { address ?? target.host }

    /// As rules see it.
    var subject: Subject {
        Subject(
            client: client,
            host: target.host,
            port: port,
            path: target.path,
            method: head.method.rawValue
        )
    }

    /// As if the client had no version of the file, and no part of one (RFC 9110 §13.1).
    mutating func forgetVersions() {
        if head.headers.contains(name: "If-Range") { head.headers.remove(name: "Range") }
        for name in ["If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"] {
            head.headers.remove(name: name)
        }
    }

    /// Bytes of its head, written the usual way.
    var headLength: Int {
        head.headers.reduce(head.method.rawValue.utf8.count + head.uri.utf8.count + 14) {
            $0 + $1.name.utf8.count + $1.value.utf8.count + 4
        }
    }
}

/// Why a request is not answered with what it asks for, and with what instead.
struct HTTPRefusal: Error, Hashable {
    let status: HTTPResponseStatus
    let reason: String
}

/// The server and the path that a request names.
struct RequestTarget: Hashable, Sendable {
    /// In lower case, without port and brackets.
    let host: String
    /// As the request says it.
    let port: Int?
    /// Of the URL, where the request has one.
    let scheme: HTTPRequest.Scheme?
    /// Whose URL it is, where the request has one.
    let url: UplinkTarget?
    /// Decoded, without query; as it was sent where that cannot be.
    let path: String
    /// Whether it names a file, and no way out of a folder: what else a server outside makes of it is its own matter.
    let isProper: Bool
    /// As it was sent, for events.
    let raw: String

    /// Reads origin form and absolute form (RFC 9112 §3.2.1, §3.2.2).
    ///
    /// A redirected connection knows its `server` by name already; the Host field decides otherwise.
    init(_ head: HTTPRequestHead, server: String?) throws(HTTPRefusal) {
        var raw = head.uri
        var authority: String?
        // Most requests say but a path.
        scheme = raw.isPath ? nil : Self.scheme(of: raw)
        if let scheme {
            let rest = raw.dropFirst("\(scheme.rawValue)://".count)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            authority = String(rest[..<end])
            raw = String(rest[end...])
            if !raw.isPath { raw = "/" + raw }
        }
        let fields = head.headers["Host"]
        guard fields.count <= 1, !fields.isEmpty || head.version == .http1_0 else {
            throw HTTPRefusal(
                status: .badRequest,
                reason: "a request has one Host field, not \(fields.count)"
            )
        }
        guard raw.isPath else {
            throw HTTPRefusal(status: .badRequest, reason: "\(head.uri) is neither a path nor an http URL")
        }
        guard let named = Self.hostAndPort(authority ?? fields.first ?? "") else {
            throw HTTPRefusal(status: .badRequest, reason: "the Host field is no host name")
        }
        let host = server ?? named.host
        guard !host.isEmpty else {
            throw HTTPRefusal(status: .badRequest, reason: "nothing says which server is meant")
        }
        (self.host, port) = (host, named.port)
        url = scheme.flatMap { UplinkTarget(host: named.host, port: named.port ?? $0.port) }
        self.raw = raw
        let end = raw.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        let encoded = end.map { String(raw[..<$0]) } ?? raw
        let decoded = Self.decode(encoded)
        path = decoded ?? encoded
        isProper = decoded?.staysInside ?? false
    }

    private static func scheme(of url: String) -> HTTPRequest.Scheme? {
        let start = url.prefix("https://".count).lowercased()
        return [.http, .https].first { start.hasPrefix("\($0.rawValue)://") }
    }

    /// The name, empty when there is none, and the port; nil when it is malformed.
    private static func hostAndPort(_ authority: String) -> (host: String, port: Int?)? {
        // Most are that and no more.
        if authority.utf8.last != UInt8(ascii: "."),
            authority.utf8.allSatisfy({ $0.isOfName && !(0x41...0x5A ~= $0) })
        {
            return (authority, nil)
        }
        var host = authority[...]
        var port: Int?
        if let colon = authority.utf8.lastIndex(of: UInt8(ascii: ":")), !authority.hasSuffix("]") {
            let digits = authority[authority.index(after: colon)...]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            if !digits.isEmpty {
                guard let number = Int(digits), (1...65535).contains(number) else { return nil }
                port = number
            }
            host = authority[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            let isAddress = host.utf8.allSatisfy {
                $0 == UInt8(ascii: ":") || Character(UnicodeScalar($0)).isHexDigit
            }
            return isAddress && host.utf8.contains(UInt8(ascii: ":")) ? (host.lowercased(), port) : nil
        }
        // The dot of the root, with which a name is complete (RFC 3986 §3.2.2): DNS does not tell it either.
        if host.hasSuffix(".") { host.removeLast() }
        return host.utf8.allSatisfy(\.isOfName) ? (host.lowercased(), port) : nil
    }

    /// Nil when it is malformed.
    private static func decode(_ raw: String) -> String? {
        guard raw.utf8.contains(UInt8(ascii: "%")) else { return raw }
        var bytes: [UInt8] = []
        var rest = raw.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
                let digitText = String(digits), let decoded = UInt8(digitText, radix: 16)
            else { return nil }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    /// A letter, a digit or what else the name of a host may have.
    fileprivate var isOfName: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }
}

extension String {
    /// Whether it is in origin form (RFC 9112 §3.2.1).
    fileprivate var isPath: Bool { utf8.first == UInt8(ascii: "/") }

    /// No client of a file server sends two dots unless it tries to get out; a single one is in apt's flat repositories.
    fileprivate var staysInside: Bool {
        // Of the segment so far: how long it is, and how many of its bytes are dots.
        var (length, dots) = (0, 0)
        for byte in utf8 {
            switch byte {
            case 0: return false
            case UInt8(ascii: "/"):
                if length == 2, dots == 2 { return false }
                (length, dots) = (0, 0)
            default:
                length += 1
                if byte == UInt8(ascii: ".") { dots += 1 }
            }
        }
        return length != 2 || dots != 2
    }
}
