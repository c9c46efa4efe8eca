/// An Ethernet address, written as six hex octets in lower case.
package struct MACAddress: Hashable, Sendable, TextCodable {
    package let octets: [UInt8]

    /// Six octets, the vendor's first.
    package init?(octets: [UInt8]) {
        guard octets.count == 6 else { return nil }
        self.octets = octets
    }

    /// The lower 48 bits, the vendor's first.
    package init(bits: UInt64) {
        octets = (0..<6).map { UInt8(truncatingIfNeeded: bits >> (40 - 8 * $0)) }
    }

    /// Reads `44:a8:42:14:cd:0d` in either case; anything else, blanks included, is nil.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6 else { return nil }
        var octets: [UInt8] = []
        for part in parts {
            guard part.count == 2, part.allSatisfy(\.isHexDigit), let octet = UInt8(part, radix: 16) else {
                return nil
            }
            octets.append(octet)
        }
        self.octets = octets
    }

    /// The bit that says «not given by a vendor» (IEEE 802, U/L bit).
    package var isLocallyAdministered: Bool { octets[0] & 0x02 != 0 }

    package var description: String { octets.map { $0.hex }.joined(separator: ":") }
}

extension UInt8 {
    /// Two hex digits in lower case.
    package var hex: String { (self < 16 ? "0" : "") + String(self, radix: 16) }
}
