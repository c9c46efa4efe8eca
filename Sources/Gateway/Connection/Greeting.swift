import NIOCore
import Uplink

/// What a client's first bytes say about what it speaks.
enum Greeting: Hashable, Sendable {
    /// A request line begins.
    case http
    /// A request for a connection to somebody else, so many bytes long, and nothing has gone before it (RFC 9110 §9.3.6).
    case connect(UplinkTarget, length: Int)
    /// Letters, but no request line of HTTP: nonsense, or another protocol of lines.
    case text
    case tls(ClientHello)
    /// It began like TLS.
    case brokenTLS(ClientHelloRefusal)
    case binary
    /// Nothing came in time: perhaps the server is to speak first.
    case silence

    /// As much of the beginning as is ever looked at: a request for a tunnel may have a ticket for the proxy, too.
    static let limit = 66 << 10
    /// Longer than any method that is registered.
    private static let longestMethod = 24

    /// Nil while more bytes could still decide; TLS is for a `ClientHelloReader` to read.
    init?(_ bytes: ByteBufferView) {
        // Some clients send an empty line first (RFC 9112 §2.2).
        let line = bytes.drop { $0 == 0x0D || $0 == 0x0A }
        guard let first = line.first else { return nil }
        guard bytes.first != ClientHelloReader.firstByte else { return nil }
        func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }
        guard isLetter(first) else {
            self = .binary
            return
        }
        let method = line.prefix { isLetter($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        guard method.count <= Self.longestMethod else {
            self = .text
            return
        }
        guard method.endIndex < line.endIndex else { return nil }
        guard line[method.endIndex] == UInt8(ascii: " ") else {
            self = .text
            return
        }
        guard let target = line[method.endIndex...].dropFirst().first else { return nil }
        // CONNECT names an authority (RFC 9112 §3.2.3).
        if method.elementsEqual("CONNECT".utf8) {
            let end = Array("\r\n\r\n".utf8)
            guard let head = bytes.firstRange(of: end) else { return nil }
            let length = bytes.distance(from: bytes.startIndex, to: head.upperBound)
            self =
                Self.target(String(decoding: line, as: UTF8.self)).map { .connect($0, length: length) }
                ?? .http
            return
        }
        // Origin form, absolute form and asterisk form (RFC 9112 §3.2).
        self = "/*hH".utf8.contains(target) ? .http : .text
    }

    /// Whom a CONNECT is about; nil when it is malformed.
    private static func target(_ head: String) -> UplinkTarget? {
        let words = head.prefix { $0 != "\r\n" }.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return nil }
        return UplinkTarget(authority: String(words[1]))
    }

    /// What the client speaks, in a word.
    var protocolName: String {
        switch self {
        case .http, .connect: "http"
        case .text: "text"
        case .tls, .brokenTLS: "tls"
        case .binary: "binary"
        case .silence: "silence"
        }
    }
}

extension UplinkTarget {
    /// As a CONNECT has it: host and port, an address of IPv6 in brackets (RFC 9112 §3.2.3).
    init?(authority: String) {
        guard let colon = authority.lastIndex(of: ":"),
            let port = Int(authority[authority.index(after: colon)...])
        else { return nil }
        var host = authority[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard isBracketed == host.contains(":") else { return nil }
        self.init(host: String(host), port: port)
    }
}
