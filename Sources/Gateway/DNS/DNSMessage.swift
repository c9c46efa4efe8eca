import LabModel
import NIOCore

/// Codes of the DNS wire format that the lab uses.
enum DNS {
    /// RFC 1035 §4.1.1.
    enum ResponseCode: UInt16, Sendable {
        case noError, formatError, serverFailure, nameError, notImplemented, refused

        var text: String {
            switch self {
            case .noError: "NOERROR"
            case .formatError: "FORMERR"
            case .serverFailure: "SERVFAIL"
            case .nameError: "NXDOMAIN"
            case .notImplemented: "NOTIMP"
            case .refused: "REFUSED"
            }
        }
    }

    /// RFC 1035 §3.2.2, RFC 3596 §2.1, RFC 6891 §6.1.1.
    enum RecordType {
        static let a: UInt16 = 1
        static let ptr: UInt16 = 12
        static let aaaa: UInt16 = 28
        static let opt: UInt16 = 41
        static let axfr: UInt16 = 252
        static let any: UInt16 = 255

        static func text(_ type: UInt16) -> String {
            let names: [UInt16: String] = [
                1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV",
                64: "SVCB", 65: "HTTPS", 252: "AXFR", 255: "ANY",
            ]
            return names[type] ?? "TYPE\(type)"
        }
    }

    /// RFC 1035 §3.2.4.
    static let classInternet: UInt16 = 1
}

/// A question to a name server (RFC 1035 §4), read from bytes that may be anything.
struct DNSQuery: Hashable, Sendable {
    /// Why bytes are not a question.
    enum Malformed: Error, Hashable {
        /// Not even an answer is due: too short, or itself an answer.
        case ignore
        /// The sender deserves to know (RFC 1035 §4.1.1, RCODE 1).
        case formatError(id: UInt16, flags: UInt16)
        /// An operation other than QUERY.
        case notImplemented(id: UInt16, flags: UInt16)
    }

    let id: UInt16
    let flags: UInt16
    /// Labels as they were sent, in their own case.
    let name: [[UInt8]]
    let type: UInt16
    let klass: UInt16
    /// The client's EDNS version, where it sent an OPT record (RFC 6891 §6.1.3).
    let extensionVersion: UInt8?

    init(_ packet: ByteBuffer) throws(Malformed) {
        var reader = packet
        guard let (id, flags) = reader.readMultipleIntegers(as: (UInt16, UInt16).self),
            let counts = reader.readMultipleIntegers(as: (UInt16, UInt16, UInt16, UInt16).self),
            flags & 0x8000 == 0
        else { throw .ignore }
        (self.id, self.flags) = (id, flags)
        guard flags >> 11 & 0x0F == 0 else { throw .notImplemented(id: id, flags: flags) }
        guard counts.0 == 1, let name = Self.readName(&reader),
            let (type, klass) = reader.readMultipleIntegers(as: (UInt16, UInt16).self)
        else { throw .formatError(id: id, flags: flags) }
        (self.name, self.type, self.klass) = (name, type, klass)
        var extensionVersion: UInt8?
        for _ in 0..<(Int(counts.1) + Int(counts.2) + Int(counts.3)) {
            guard let record = Self.readRecord(&reader) else { throw .formatError(id: id, flags: flags) }
            guard record.type == DNS.RecordType.opt else { continue }
            guard extensionVersion == nil else { throw .formatError(id: id, flags: flags) }
            extensionVersion = UInt8(truncatingIfNeeded: record.ttl >> 16)
        }
        self.extensionVersion = extensionVersion
    }

    /// RFC 1035 §3.1; the first name of a message has nothing before it that a pointer could mean.
    private static func readName(_ reader: inout ByteBuffer) -> [[UInt8]]? {
        var labels: [[UInt8]] = []
        var length = 1
        while let count = reader.readInteger(as: UInt8.self) {
            if count == 0 { return labels }
            length += Int(count) + 1
            guard count < 64, length <= 255, let label = reader.readBytes(length: Int(count)) else {
                return nil
            }
            labels.append(label)
        }
        return nil
    }

    /// Type and TTL of the next record, whose name and data are passed over.
    private static func readRecord(_ reader: inout ByteBuffer) -> (type: UInt16, ttl: UInt32)? {
        while let count = reader.readInteger(as: UInt8.self), count != 0 {
            if count & 0xC0 == 0xC0 {
                guard reader.readInteger(as: UInt8.self) != nil else { return nil }
                break
            }
            guard count < 64, reader.readSlice(length: Int(count)) != nil else { return nil }
        }
        guard let (type, _) = reader.readMultipleIntegers(as: (UInt16, UInt16).self),
            let (ttl, length) = reader.readMultipleIntegers(as: (UInt32, UInt16).self),
            reader.readSlice(length: Int(length)) != nil
        else { return nil }
        return (type, ttl)
    }
}

extension DNSQuery {
    /// For people and for looking up: lower case, dots between labels, anything odd as `\ddd` (RFC 4343 §2.1).
    var text: String {
        name.map { label in
            label.map { byte in
                switch byte {
                case UInt8(ascii: "."), UInt8(ascii: "\\"), 0...0x20, 0x7F...: "\\" + byte.threeDigits
                default: String(UnicodeScalar(byte)).lowercased()
                }
            }.joined()
        }.joined(separator: ".")
    }
}

extension UInt8 {
    fileprivate var threeDigits: String { String(String(1000 + Int(self)).dropFirst()) }
}

/// What is said to a question.
struct DNSAnswer: Hashable, Sendable {
    enum Record: Hashable, Sendable {
        case address(IPAddress)
        case pointer([[UInt8]])

        var address: IPAddress? {
            if case .address(let address) = self { address } else { nil }
        }

        /// An A record.
        var isIPv4: Bool {
            if case .address(.v4) = self { true } else { false }
        }

        /// An AAAA record.
        var isIPv6: Bool {
            if case .address(.v6) = self { true } else { false }
        }
    }

    var code: DNS.ResponseCode
    var records: [Record] = []
    /// More would not fit: ask over TCP.
    var isTruncated = false

    /// Short enough for every client: a lab keeps changing its mind.
    static let timeToLive: UInt32 = 10

    /// The whole message: the question repeated byte for byte, so that clients which mix cases recognise it.
    func bytes(to query: DNSQuery) -> ByteBuffer {
        // TC (RFC 1035 §4.1.1).
        let bits = code.rawValue | (isTruncated ? 0x0200 : 0)
        var buffer = Self.header(id: query.id, flags: query.flags, code: bits)
        let extensions = query.extensionVersion == nil ? 0 : 1
        for count in [1, records.count, 0, extensions] { buffer.writeInteger(UInt16(count)) }
        Self.write(query.name, to: &buffer)
        buffer.writeMultipleIntegers(query.type, query.klass)
        for record in records {
            // A pointer to the question's name, behind the 12 bytes of the header (RFC 1035 §4.1.4).
            buffer.writeInteger(0xC00C, as: UInt16.self)
            switch record {
            case .address(.v4(let address)):
                buffer.writeMultipleIntegers(DNS.RecordType.a, DNS.classInternet, Self.timeToLive, UInt16(4))
                buffer.writeInteger(address.bits)
            case .address(.v6(let address)):
                buffer.writeMultipleIntegers(
                    DNS.RecordType.aaaa,
                    DNS.classInternet,
                    Self.timeToLive,
                    UInt16(address.bytes.count)
                )
                buffer.writeBytes(address.bytes)
            case .pointer(let name):
                let length = name.reduce(1) { $0 + $1.count + 1 }
                buffer.writeMultipleIntegers(
                    DNS.RecordType.ptr,
                    DNS.classInternet,
                    Self.timeToLive,
                    UInt16(length)
                )
                Self.write(name, to: &buffer)
            }
        }
        if let version = query.extensionVersion {
            // BADVERS is 16: its upper bits are in the OPT record (RFC 6891 §6.1.3).
            let extendedCode: UInt32 = version == 0 ? 0 : 1
            buffer.writeMultipleIntegers(
                UInt8(0),
                DNS.RecordType.opt,
                UInt16(1232),
                extendedCode << 24,
                UInt16(0)
            )
        }
        return buffer
    }

    /// To a packet whose question could not be read: a header and nothing else.
    static func refusal(id: UInt16, flags: UInt16, code: DNS.ResponseCode) -> ByteBuffer {
        var buffer = header(id: id, flags: flags, code: code.rawValue)
        buffer.writeMultipleIntegers(UInt16(0), UInt16(0), UInt16(0), UInt16(0))
        return buffer
    }

    /// An answer (QR) with recursion available (RA); operation and «recursion desired» as they were asked.
    private static func header(id: UInt16, flags: UInt16, code: UInt16) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeMultipleIntegers(id, 0x8080 | flags & 0x7900 | code)
        return buffer
    }

    private static func write(_ name: [[UInt8]], to buffer: inout ByteBuffer) {
        for label in name {
            buffer.writeInteger(UInt8(label.count))
            buffer.writeBytes(label)
        }
        buffer.writeInteger(0, as: UInt8.self)
    }
}
