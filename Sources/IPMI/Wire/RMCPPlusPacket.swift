/// A packet in the format of IPMI v2.0, RMCP+ (IPMI 2.0 §13.6), not yet verified or decrypted.
package struct RMCPPlusPacket: Hashable, Sendable {
    /// What a payload is (IPMI 2.0 §13.27.3).
    package enum Payload: UInt8, Sendable {
        case message = 0x00
        case sol = 0x01
        case openSessionRequest = 0x10
        case openSessionResponse = 0x11
        case rakp1 = 0x12
        case rakp2 = 0x13
        case rakp3 = 0x14
        case rakp4 = 0x15
    }

    package var type: Payload
    package var isEncrypted: Bool
    package var isAuthenticated: Bool
    /// The receiver's; 0 outside a session.
    package var session: UInt32
    package var sequence: UInt32
    /// As it was sent, perhaps encrypted.
    package var payload: ArraySlice<UInt8>
    /// The whole datagram, which the integrity code is about.
    let datagram: [UInt8]

    /// The authentication type that says RMCP+ (IPMI 2.0 §13.6).
    static let format: UInt8 = 0x06
    private static let encryptedBit: UInt8 = 0x80
    private static let authenticatedBit: UInt8 = 0x40
    /// Where the authentication type stands, the first byte that is signed.
    static let start = Datagram.ipmiHeader.count
    /// The length of everything before the payload.
    static let headerLength = start + 12
    /// What may follow the payload at most: pad, pad length, next header, integrity code.
    private static let trailerLength = 3 + 2 + 16

    init(decoding bytes: [UInt8]) throws(PacketError) {
        let start = Self.start
        guard bytes.count >= Self.headerLength, bytes[start] == Self.format else { throw .wrongLength }
        let type = bytes[start + 1]
        // A vendor's payload has six more bytes in its header; none is known here.
        guard let payload = Payload(rawValue: type & 0x3F) else { throw .notForUs }
        let end = Self.headerLength + Int(bytes.littleEndian16(at: start + 10))
        guard end <= bytes.count else { throw .wrongLength }
        self.type = payload
        isEncrypted = type & Self.encryptedBit != 0
        isAuthenticated = type & Self.authenticatedBit != 0
        session = bytes.littleEndian32(at: start + 2)
        sequence = bytes.littleEndian32(at: start + 6)
        (self.payload, datagram) = (bytes[Self.headerLength..<end], bytes)
        guard isAuthenticated || end == bytes.count else { throw .wrongLength }
    }

    /// A packet outside a session, or one that nothing protects.
    static func encode(
        _ type: Payload,
        _ payload: [UInt8],
        session: UInt32 = 0,
        sequence: UInt32 = 0
    ) -> [UInt8] {
        header(type, length: payload.count, session: session, sequence: sequence) + payload
    }

    /// The bytes before a payload of that length, with room for what follows them.
    static func header(
        _ type: Payload,
        length: Int,
        session: UInt32,
        sequence: UInt32,
        encrypted: Bool = false,
        authenticated: Bool = false
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerLength + length + trailerLength)
        bytes += Datagram.ipmiHeader
        bytes.append(format)
        bytes.append(
            type.rawValue | (encrypted ? encryptedBit : 0) | (authenticated ? authenticatedBit : 0)
        )
        bytes.append(littleEndian: session)
        bytes.append(littleEndian: sequence)
        bytes.append(littleEndian: UInt16(length))
        return bytes
    }
}
