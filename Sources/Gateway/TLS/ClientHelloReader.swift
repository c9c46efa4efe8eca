import NIOCore

/// Puts a ClientHello together from what a client sends, over however many segments and records it is spread.
///
///     var reader = ClientHelloReader()
///     if let hello = try reader.receive(bytes) { … }   // nil: more is to come
struct ClientHelloReader {
    /// Beyond this no client has anything to say; post-quantum keys take two thousand bytes.
    static let limit = 16 << 10
    /// A record of type «handshake» begins so (RFC 8446 §5.1).
    static let firstByte: UInt8 = 22

    private static let largestFragment = 1 << 14
    private static let clientHello: UInt8 = 1

    private var header = ByteBuffer()
    /// What is still to come of the record.
    private var fragment = 0
    private var message = ByteBuffer()

    /// The message, as soon as all of it has come.
    ///
    /// What the client sends behind it is not looked at.
    mutating func receive(_ bytes: ByteBuffer) throws(ClientHelloRefusal) -> ClientHello? {
        var bytes = bytes
        while bytes.readableBytes > 0 {
            if fragment == 0 {
                guard let part = bytes.readSlice(length: min(5 - header.readableBytes, bytes.readableBytes))
                else { return nil }
                header.writeImmutableBuffer(part)
                try readHeader()
            } else if var part = bytes.readSlice(length: min(fragment, bytes.readableBytes)) {
                fragment -= part.readableBytes
                message.writeBuffer(&part)
                if let hello = try readMessage() { return hello }
            }
        }
        return nil
    }

    /// RFC 8446 §5.1: type, legacy_record_version, length; a fragment of a handshake is not empty.
    private mutating func readHeader() throws(ClientHelloRefusal) {
        let start = header.readerIndex
        if let type = header.getInteger(at: start, as: UInt8.self), type != Self.firstByte {
            throw ClientHelloRefusal("a record of type \(type) stands where it should be")
        }
        if let major = header.getInteger(at: start + 1, as: UInt8.self), major != 3 {
            throw ClientHelloRefusal("its record is not of TLS")
        }
        guard let length = header.getInteger(at: start + 3, as: UInt16.self) else { return }
        guard (1...Self.largestFragment).contains(Int(length)) else {
            throw ClientHelloRefusal("a record has \(length) bytes")
        }
        fragment = Int(length)
        header.clear()
    }

    /// RFC 8446 §4: type, and a length of three bytes.
    private func readMessage() throws(ClientHelloRefusal) -> ClientHello? {
        let start = message.readerIndex
        if let type = message.getInteger(at: start, as: UInt8.self), type != Self.clientHello {
            throw ClientHelloRefusal("a handshake message of type \(type) stands where it should be")
        }
        guard let word = message.getInteger(at: start, as: UInt32.self) else { return nil }
        let length = Int(word & 0xFF_FFFF)
        guard length <= Self.limit else { throw ClientHelloRefusal("it has \(length) bytes") }
        return try message.getSlice(at: start + 4, length: length).map { body throws(ClientHelloRefusal) in
            try ClientHello(body)
        }
    }
}
