/// A packet in the format of IPMI v2.0, RMCP+ (IPMI 2.0 §13.6), not yet verified or decrypted.
package struct RMCPPlusPacket: Hashable, Sendable {
    /// What a payload is (IPMI 2.0 §13.27.3).
    package enum Payload: UInt8, Sendable {
        case message = 0x00
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

    init(decoding bytes: [UInt8]) throws(PacketError) {
        var reader = ByteReader(bytes[Self.start...])
        guard reader.byte() == Self.format, let type = reader.byte() else { throw .wrongLength }
        // A vendor's payload has six more bytes in its header; none is known here.
        guard let payload = Payload(rawValue: type & 0x3F) else { throw .notForUs }
        guard let session = reader.littleEndian32(), let sequence = reader.littleEndian32(),
            let length = reader.littleEndian16(), let body = reader.bytes(Int(length))
        else { throw .wrongLength }
        self.type = payload
        isEncrypted = type & Self.encryptedBit != 0
        isAuthenticated = type & Self.authenticatedBit != 0
        (self.session, self.sequence, self.payload, datagram) = (session, sequence, body, bytes)
        guard isAuthenticated || reader.rest.isEmpty else { throw .wrongLength }
    }

    /// The bytes up to the payload's end; an integrity trailer may follow.
    static func encode(
        _ type: Payload,
        _ payload: [UInt8],
        session: UInt32 = 0,
        sequence: UInt32 = 0,
        encrypted: Bool = false,
        authenticated: Bool = false
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerLength + payload.count + 24)
        bytes += Datagram.ipmiHeader
        bytes.append(format)
        bytes.append(
            type.rawValue | (encrypted ? encryptedBit : 0) | (authenticated ? authenticatedBit : 0)
        )
        bytes.append(littleEndian: session)
        bytes.append(littleEndian: sequence)
        bytes.append(littleEndian: UInt16(payload.count))
        bytes += payload
        return bytes
    }
}
