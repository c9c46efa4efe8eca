import NIOCore

/// What a TLS client says about itself before anything is agreed upon (RFC 8446 §4.1.2): whom it wants to reach.
struct ClientHello: Hashable, Sendable {
    /// In lower case, without a dot at the end; nil when the client does not say.
    let serverName: String?
    /// What it would speak inside, as it prefers (RFC 7301 §3.1).
    let protocols: [String]

    /// What follows the message's type and length.
    init(_ body: ByteBuffer) throws(ClientHelloRefusal) {
        var rest = body
        // legacy_version, random.
        guard let version = rest.readInteger(as: UInt16.self), version >> 8 == 3,
            rest.readSlice(length: 32) != nil
        else { throw ClientHelloRefusal("its version is not of TLS") }
        guard let session = rest.readLengthPrefixedSlice(as: UInt8.self), session.readableBytes <= 32,
            let suites = rest.readLengthPrefixedSlice(as: UInt16.self), suites.readableBytes >= 2,
            suites.readableBytes.isMultiple(of: 2),
            let compressions = rest.readLengthPrefixedSlice(as: UInt8.self), compressions.readableBytes > 0
        else { throw ClientHelloRefusal("its session, cipher suites or compression methods are malformed") }
        var extensions: [UInt16: ByteBuffer] = [:]
        // Clients of TLS 1.2 and before may have none.
        if rest.readableBytes > 0 {
            guard var list = rest.readLengthPrefixedSlice(as: UInt16.self), rest.readableBytes == 0 else {
                throw ClientHelloRefusal("its extensions do not end with it")
            }
            while list.readableBytes > 0 {
                guard let type = list.readInteger(as: UInt16.self),
                    let data = list.readLengthPrefixedSlice(as: UInt16.self)
                else { throw ClientHelloRefusal("an extension is longer than all of them") }
                // RFC 8446 §4.2.
                guard extensions.updateValue(data, forKey: type) == nil else {
                    throw ClientHelloRefusal("it has extension \(type) twice")
                }
            }
        }
        serverName = try extensions[Self.serverNameType].map(Self.readServerName) ?? nil
        protocols = try extensions[Self.protocolsType].map(Self.readProtocols) ?? []
    }

    // RFC 8446 §4.2.
    private static let serverNameType: UInt16 = 0
    private static let protocolsType: UInt16 = 16

    /// RFC 6066 §3: a list of which only host names are defined, and of those one.
    private static func readServerName(_ data: ByteBuffer) throws(ClientHelloRefusal) -> String? {
        var data = data
        guard var list = data.readLengthPrefixedSlice(as: UInt16.self), data.readableBytes == 0,
            list.readInteger(as: UInt8.self) == 0,
            let name = list.readLengthPrefixedSlice(as: UInt16.self), list.readableBytes == 0
        else { throw ClientHelloRefusal("its server name is malformed") }
        var bytes = name.readableBytesView
        if bytes.last == UInt8(ascii: ".") { bytes = bytes.dropLast() }
        let isName =
            (1...253).contains(bytes.count) && bytes.allSatisfy(Self.isOfName)
            && !bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).contains {
                !(1...63).contains($0.count)
            }
        guard isName else { throw ClientHelloRefusal("its server name is no host's") }
        return String(decoding: bytes, as: UTF8.self).lowercased()
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func readProtocols(_ data: ByteBuffer) throws(ClientHelloRefusal) -> [String] {
        var data = data
        guard var list = data.readLengthPrefixedSlice(as: UInt16.self), data.readableBytes == 0,
            list.readableBytes > 0
        else { throw ClientHelloRefusal("its protocols are malformed") }
        var protocols: [String] = []
        while list.readableBytes > 0 {
            guard let name = list.readLengthPrefixedSlice(as: UInt8.self), name.readableBytes > 0 else {
                throw ClientHelloRefusal("its protocols are malformed")
            }
            protocols.append(String(buffer: name))
        }
        return protocols
    }
}

/// Why what began like TLS is none.
struct ClientHelloRefusal: Error, Hashable, CustomStringConvertible {
    let reason: String
    init(_ reason: String) { self.reason = reason }
    var description: String { "malformed TLS ClientHello: \(reason)" }
}
