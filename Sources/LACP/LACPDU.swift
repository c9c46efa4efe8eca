import LabModel

/// A message of the Link Aggregation Control Protocol, as it follows the Ethernet header (IEEE 802.1AX-2020 §6.4.2.3).
package struct LACPDU: Hashable, Sendable {
    /// Of the sender's port.
    package var actor: PortInformation
    /// What the sender has heard of the receiver's.
    package var partner: PortInformation
    package var collectorMaxDelay: UInt16

    package init(actor: PortInformation, partner: PortInformation, collectorMaxDelay: UInt16 = 0) {
        (self.actor, self.partner, self.collectorMaxDelay) = (actor, partner, collectorMaxDelay)
    }

    package static let length = 110
    private static let subtype: UInt8 = 1
    private static let version: UInt8 = 1

    /// Nil when it is none.
    ///
    /// Of a later version the fields of this one are read (§6.4.2.3 b); what is reserved is not looked at.
    package init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes.prefix(Self.length))
        guard bytes.count == Self.length, bytes[0] == Self.subtype, bytes[1] >= Self.version,
            bytes[2] == 1, bytes[3] == 20, bytes[22] == 2, bytes[23] == 20, bytes[42] == 3, bytes[43] == 16
        else { return nil }
        (actor, partner) = (Self.information(bytes[4..<22]), Self.information(bytes[24..<42]))
        collectorMaxDelay = Self.number(bytes[44..<46])
    }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = [Self.subtype, Self.version]
        for (type, information) in [(UInt8(1), actor), (2, partner)] {
            bytes += [type, 20] + Self.bytes(information.systemPriority) + information.system.octets
            bytes += Self.bytes(information.key) + Self.bytes(information.portPriority)
            bytes += Self.bytes(information.port) + [information.state.rawValue, 0, 0, 0]
        }
        bytes += [3, 16] + Self.bytes(collectorMaxDelay)
        return bytes + [UInt8](repeating: 0, count: Self.length - bytes.count)
    }

    private static func information(_ bytes: ArraySlice<UInt8>) -> PortInformation {
        let start = bytes.startIndex
        return PortInformation(
            systemPriority: number(bytes[start..<start + 2]),
            system: MACAddress(bits: bytes[start + 2..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }),
            key: number(bytes[start + 8..<start + 10]),
            portPriority: number(bytes[start + 10..<start + 12]),
            port: number(bytes[start + 12..<start + 14]),
            state: PortInformation.State(rawValue: bytes[start + 14])
        )
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        bytes.reduce(0) { $0 << 8 | UInt16($1) }
    }

    private static func bytes(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xff)] }
}
