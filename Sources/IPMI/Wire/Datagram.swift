/// What may stand in one UDP datagram on port 623 (IPMI 2.0 §13.1.3, RMCP header).
package enum Datagram: Hashable, Sendable {
    /// An ASF presence ping: is anybody there?
    case ping(PresencePing)
    /// An IPMI v1.5 packet.
    case v15(V15Packet)
    /// An IPMI v2.0 packet.
    case rmcpPlus(RMCPPlusPacket)

    /// RMCP version 1.0 (ASF 2.0 §3.2.2.1).
    static let version: UInt8 = 0x06
    /// The sequence number that asks for no RMCP acknowledgement; IPMI knows no other.
    static let noAcknowledge: UInt8 = 0xFF
    /// Message class ASF.
    static let asf: UInt8 = 0x06
    /// Message class IPMI.
    static let ipmi: UInt8 = 0x07
    /// The RMCP header before every IPMI packet.
    static let ipmiHeader: [UInt8] = [version, 0x00, noAcknowledge, ipmi]

    package init(decoding bytes: [UInt8]) throws(PacketError) {
        guard bytes.count > 4 else { throw .wrongLength }
        guard bytes[0] == Self.version else { throw .notForUs }
        switch bytes[3] {
        case Self.asf: self = .ping(try PresencePing(decoding: bytes[4...]))
        case Self.ipmi where bytes[4] == RMCPPlusPacket.format:
            self = .rmcpPlus(try RMCPPlusPacket(decoding: bytes))
        case Self.ipmi: self = .v15(try V15Packet(decoding: bytes[4...]))
        default: throw .notForUs
        }
    }
}
