/// An IPv4 address.
package struct IPv4Address: InternetAddress {
    /// In host order: 10.0.0.1 is 0x0A000001.
    package let bits: UInt32

    package init(bits: UInt32) { self.bits = bits }

    /// Reads four decimal octets without leading zeros; anything else is nil.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part == "0" || !part.hasPrefix("0"), let octet = UInt8(part)
            else { return nil }
            bits = bits << 8 | UInt32(octet)
        }
        self.bits = bits
    }

    package var description: String {
        "\(bits >> 24).\(bits >> 16 & 0xFF).\(bits >> 8 & 0xFF).\(bits & 0xFF)"
    }

    /// The address `offset` further on; nil past the end of the address space.
    package func advanced(by offset: UInt32) -> IPv4Address? {
        let (sum, overflow) = bits.addingReportingOverflow(offset)
        return overflow ? nil : IPv4Address(bits: sum)
    }
}

/// An inclusive range of addresses.
package struct IPv4Range: Hashable, Sendable, CustomStringConvertible {
    package let first: IPv4Address
    package let last: IPv4Address

    /// Nil when the range would be empty.
    package init?(first: IPv4Address, last: IPv4Address) {
        guard first <= last else { return nil }
        (self.first, self.last) = (first, last)
    }

    package var count: Int { Int(last.bits - first.bits) + 1 }
    package func contains(_ address: IPv4Address) -> Bool { (first...last).contains(address) }
    /// The address at a position from 0; nil beyond the end.
    package subscript(_ index: Int) -> IPv4Address? {
        index >= 0 && index < count ? first.advanced(by: UInt32(index)) : nil
    }
    package var description: String { "\(first)–\(last)" }
}

extension IPv4Range: Codable {}
