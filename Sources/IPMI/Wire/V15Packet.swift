/// A packet in the format of IPMI v1.5 (IPMI 2.0 §13.6), not yet verified.
///
/// Even a console that wants IPMI v2.0 asks in this format what the BMC can do.
package struct V15Packet: Hashable, Sendable {
    package var type: AuthenticationType
    /// 0 outside a session.
    package var sequence: UInt32
    /// 0 outside a session.
    package var session: UInt32
    /// Sixteen bytes; none where the type is «none».
    package var code: [UInt8]
    /// The LAN message.
    package var payload: [UInt8]

    private static let codeLength = 16

    /// Outside a session.
    package init(payload: [UInt8]) {
        self.init(type: .none, sequence: 0, session: 0, code: [], payload: payload)
    }

    package init(
        type: AuthenticationType,
        sequence: UInt32,
        session: UInt32,
        code: [UInt8],
        payload: [UInt8]
    ) {
        (self.type, self.sequence, self.session) = (type, sequence, session)
        (self.code, self.payload) = (code, payload)
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(PacketError) {
        var reader = ByteReader(bytes)
        guard let number = reader.byte(), let sequence = reader.littleEndian32(),
            let session = reader.littleEndian32()
        else { throw .wrongLength }
        guard let type = AuthenticationType(rawValue: number) else { throw .notForUs }
        guard let code = reader.bytes(type == .none ? 0 : Self.codeLength), let length = reader.byte(),
            let payload = reader.bytes(Int(length))
        else { throw .wrongLength }
        // Some senders add a pad byte, so that old network chips do not choke (IPMI 2.0 §13.6, legacy PAD).
        guard reader.rest.count <= 1 else { throw .wrongLength }
        self.init(
            type: type,
            sequence: sequence,
            session: session,
            code: Array(code),
            payload: Array(payload)
        )
    }

    package var encoded: [UInt8] {
        var bytes = Datagram.ipmiHeader
        bytes.append(type.rawValue)
        bytes.append(littleEndian: sequence)
        bytes.append(littleEndian: session)
        bytes += code
        bytes.append(UInt8(payload.count))
        return bytes + payload
    }
}
