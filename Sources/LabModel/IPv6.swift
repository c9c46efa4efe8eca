import Glibc

/// An IPv6 address, without a zone.
package struct IPv6Address: InternetAddress {
    /// In host order: ::1 is 1.
    package let bits: UInt128

    package init(bits: UInt128) { self.bits = bits }

    /// Reads what RFC 4291 §2.2 allows; anything else, a zone included, is nil.
    package init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        guard unsafe inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
        self.init(bytes: bytes)
    }

    /// Sixteen, in network order.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        bits = bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// Sixteen, in network order.
    package var bytes: [UInt8] {
        (0..<16).reversed().map { UInt8(truncatingIfNeeded: bits >> UInt128($0 * 8)) }
    }

    /// As RFC 5952 §4 has it: lower case, no leading zeros, the first of the longest runs of zeros as `::`.
    package var description: String {
        let groups = (0..<8).reversed().map { UInt16(truncatingIfNeeded: bits >> UInt128($0 * 16)) }
        // RFC 5952 §5: an address of IPv4 inside is easier to recognise.
        if let inner = mapped { return "::ffff:\(inner)" }
        var longest = 0..<0
        var start = 0
        while start < groups.count {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            // RFC 5952 §4.2.2: one group alone is not shortened.
            if end - start > max(longest.count, 1) { longest = start..<end }
            start = max(end, start) + 1
        }
        func text(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        if longest.isEmpty { return text(groups[...]) }
        return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
    }

    /// The address of IPv4 that `::ffff:10.0.0.1` stands for (RFC 4291 §2.5.5.2).
    package var mapped: IPv4Address? {
        bits >> 32 == 0xFFFF ? IPv4Address(bits: UInt32(truncatingIfNeeded: bits)) : nil
    }

    /// The card that an address was made from (RFC 4291, appendix A); nil when it was made otherwise.
    package var card: MACAddress? {
        let own = bytes[8...]
        guard own[11] == 0xFF, own[12] == 0xFE else { return nil }
        return MACAddress(octets: [own[8] ^ 0x02] + own[9...10] + own[13...15])
    }
}
