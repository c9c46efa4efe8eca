/// A packet in the format of IPMI v1.5 (IPMI 2.0 §13.6), as far as this BMC speaks it: without a session.
///
/// Even a console that wants IPMI v2.0 asks in this format what the BMC can do.
package struct V15Packet: Hashable, Sendable {
    /// The LAN message.
    package var payload: [UInt8]

    package init(payload: [UInt8]) { self.payload = payload }

    /// Authentication type «none» (IPMI 2.0 §13.6).
    private static let unauthenticated: UInt8 = 0x00

    init(decoding bytes: ArraySlice<UInt8>) throws(PacketError) {
        var reader = ByteReader(bytes)
        guard let type = reader.byte(), let sequence = reader.littleEndian32(),
            let session = reader.littleEndian32()
        else { throw .wrongLength }
        guard type == Self.unauthenticated else { throw .notForUs }
        guard session == 0, sequence == 0 else { throw .unknownSession }
        guard let length = reader.byte(), let payload = reader.bytes(Int(length)) else { throw .wrongLength }
        // Some senders add a pad byte, so that old network chips do not choke (IPMI 2.0 §13.6, legacy PAD).
        guard reader.rest.count <= 1 else { throw .wrongLength }
        self.payload = Array(payload)
    }

    package var encoded: [UInt8] {
        Datagram.ipmiHeader + [Self.unauthenticated, 0, 0, 0, 0, 0, 0, 0, 0, UInt8(payload.count)] + payload
    }
}
