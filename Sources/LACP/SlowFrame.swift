import LabModel

/// An Ethernet frame of the Slow Protocols (IEEE 802.3 annex 57A), as far as link aggregation uses them.
package enum SlowFrame: Hashable, Sendable {
    case lacp(LACPDU)
    /// The question whether everything that was sent before has arrived, to be sent back as answered.
    case marker([UInt8])

    package static let etherType: UInt16 = 0x8809
    private static let group: [UInt8] = [0x01, 0x80, 0xc2, 0x00, 0x00, 0x02]
    private static let header = 14
    private static let markerSubtype: UInt8 = 2

    /// Nil for what is no such frame.
    package init?(_ frame: [UInt8]) {
        guard frame.count >= Self.header + LACPDU.length, Array(frame[0..<6]) == Self.group,
            frame[12] == 0x88, frame[13] == 0x09
        else { return nil }
        let body = frame[Self.header..<Self.header + LACPDU.length]
        if let message = LACPDU(body) {
            self = .lacp(message)
        } else if frame[14] == Self.markerSubtype, frame[16] == 1 {
            self = .marker(Array(body))
        } else {
            return nil
        }
    }

    /// The frame of a message; a marker becomes its response (IEEE 802.1AX-2020 §6.5.3.3).
    package func bytes(from source: MACAddress) -> [UInt8] {
        let header = Self.group + source.octets + [0x88, 0x09]
        switch self {
        case .lacp(let message): return header + message.bytes
        case .marker(var body):
            body[2] = 2
            return header + body
        }
    }
}
