/// An address of one family, as the number that it is.
package protocol InternetAddress: Hashable, Comparable, Sendable, TextCodable {
    associatedtype Bits: FixedWidthInteger & UnsignedInteger & Sendable
    /// In host order.
    var bits: Bits { get }
    init(bits: Bits)
}

extension InternetAddress {
    package static func < (left: Self, right: Self) -> Bool { left.bits < right.bits }
}

/// A network such as 10.20.0.0/24.
package typealias IPv4Network = IPNetwork<IPv4Address>
/// A network such as 2001:db8::/32.
package typealias IPv6Network = IPNetwork<IPv6Address>

/// The addresses of one family that begin with the same bits.
package struct IPNetwork<Address: InternetAddress>: Hashable, Sendable, TextCodable {
    package let base: Address
    /// From 0 to the bits of an address.
    package let prefixLength: Int

    /// The network of that length around an address: its host bits are cleared.
    package init(containing address: Address, prefixLength: Int) {
        precondition((0...Address.Bits.bitWidth).contains(prefixLength))
        self.prefixLength = prefixLength
        base = Address(bits: address.bits & Self.mask(prefixLength))
    }

    /// Reads `10.20.0.0/24`; nil when it is malformed or has bits set beyond the prefix.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = Address(String(parts[0])), let length = Int(parts[1]),
            (0...Address.Bits.bitWidth).contains(length), address.bits & ~Self.mask(length) == 0
        else { return nil }
        self.init(containing: address, prefixLength: length)
    }

    private static func mask(_ length: Int) -> Address.Bits { ~0 << (Address.Bits.bitWidth - length) }

    package var netmask: Address { Address(bits: Self.mask(prefixLength)) }
    /// The last address.
    package var broadcast: Address { Address(bits: base.bits | ~Self.mask(prefixLength)) }
    package func contains(_ address: Address) -> Bool {
        address.bits & Self.mask(prefixLength) == base.bits
    }
    package var description: String { "\(base)/\(prefixLength)" }
}
