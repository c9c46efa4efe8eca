/// An ASF presence ping, and the pong that answers it (IPMI 2.0 §13.2.3 and §13.2.4).
package struct PresencePing: Hashable, Sendable {
    /// Chosen by the sender, sent back in the pong.
    package var tag: UInt8

    package init(tag: UInt8) { self.tag = tag }

    /// The IANA enterprise number of ASF, 4542, most significant byte first.
    private static let enterprise: [UInt8] = [0x00, 0x00, 0x11, 0xBE]
    private static let pingType: UInt8 = 0x80
    private static let pongType: UInt8 = 0x40

    init(decoding bytes: ArraySlice<UInt8>) throws(PacketError) {
        var reader = ByteReader(bytes)
        guard let enterprise = reader.bytes(4), let type = reader.byte(), let tag = reader.byte(),
            reader.byte() != nil, let length = reader.byte(), reader.rest.count == Int(length)
        else { throw .wrongLength }
        guard enterprise.elementsEqual(Self.enterprise), type == Self.pingType else { throw .notForUs }
        self.tag = tag
    }

    package var encoded: [UInt8] {
        [Datagram.version, 0x00, Datagram.noAcknowledge, Datagram.asf] + Self.enterprise
            + [Self.pingType, tag, 0x00, 0x00]
    }

    package var pong: [UInt8] {
        [Datagram.version, 0x00, Datagram.noAcknowledge, Datagram.asf] + Self.enterprise
            + [Self.pongType, tag, 0x00, 0x10]
            + Self.enterprise + [0, 0, 0, 0]  // No vendor's capabilities.
            + [0x81, 0x00]  // IPMI is supported, ASF version 1.0; no RMCP security extensions.
            + [UInt8](repeating: 0, count: 6)
    }
}
