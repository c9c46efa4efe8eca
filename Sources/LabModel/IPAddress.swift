/// An address of either family.
package enum IPAddress: Hashable, Comparable, Sendable, TextCodable {
    case v4(IPv4Address)
    case v6(IPv6Address)

    /// Reads what `IPv4Address` or `IPv6Address` reads.
    package init?(_ text: String) {
        if let address = IPv4Address(text) {
            self = .v4(address)
        } else if let address = IPv6Address(text) {
            self = .v6(address)
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .v4(let address): address.description
        case .v6(let address): address.description
        }
    }

    /// Four or sixteen, in network order.
    package init?(bytes: [UInt8]) {
        if bytes.count == 4 {
            self = .v4(IPv4Address(bits: bytes.reduce(0) { $0 << 8 | UInt32($1) }))
        } else if let address = IPv6Address(bytes: bytes) {
            self = .v6(address)
        } else {
            return nil
        }
    }

    /// Four or sixteen, in network order.
    package var bytes: [UInt8] {
        switch self {
        case .v4(let address): [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: address.bits >> $0) }
        case .v6(let address): address.bytes
        }
    }

    /// Addresses of IPv4 first.
    package static func < (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.v4(let left), .v4(let right)): left < right
        case (.v6(let left), .v6(let right)): left < right
        case (.v4, .v6): true
        case (.v6, .v4): false
        }
    }
}
