import LabModel

/// How far an address reaches, as seen from the host.
enum AddressScope: Sendable {
    /// The host itself, its links, many, or nobody: no router passes it on.
    case here
    /// A network that numbers itself, and of which there are many: the host's need not be the one that is meant.
    case site
    case world

    init(_ address: IPv4Address) {
        if Self.localIPv4.contains(where: { $0.contains(address) }) {
            self = .here
        } else {
            self = Self.privateIPv4.contains { $0.contains(address) } ? .site : .world
        }
    }

    init(_ address: IPv6Address) {
        // An address of IPv4 in the clothes of IPv6 is as good as without; of ::1 the lower half alone would mislead.
        let inner = IPv4Address(bits: UInt32(truncatingIfNeeded: address.bits))
        if Self.localIPv6.contains(where: { $0.contains(address) }) {
            self = .here
        } else if Self.clothes.contains(where: { $0.contains(address) }) {
            self.init(inner)
        } else if Self.sixToFour.contains(address) {
            self.init(IPv4Address(bits: UInt32(truncatingIfNeeded: address.bits >> 80)))
        } else {
            self = Self.privateIPv6.contains { $0.contains(address) } ? .site : .world
        }
    }

    /// RFC 1122 §3.2.1.3, RFC 3927 (where clouds tell their machines secrets), RFC 5771, RFC 1112 §4.
    private static let localIPv4 = v4("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")
    /// RFC 1918, RFC 6598; and the lab's own range (RFC 2544), which means nothing outside.
    private static let privateIPv4 = v4(
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "198.18.0.0/15"
    )
    /// RFC 4291 §2.5.2, §2.5.3, §2.5.6, §2.7.
    private static let localIPv6 = v6("::/127", "fe80::/10", "ff00::/8")
    /// RFC 4193, RFC 3879; and the lab's own (RFC 5180).
    private static let privateIPv6 = v6("fc00::/7", "fec0::/10", "2001:2::/48")
    /// RFC 4291 §2.5.5, RFC 6052 §2.1.
    private static let clothes = v6("::/96", "::ffff:0:0/96", "64:ff9b::/96")
    /// RFC 3056 §2.
    private static let sixToFour = IPv6Network(
        containing: IPv6Address(bits: 0x2002 << 112),
        prefixLength: 16
    )

    private static func v4(_ texts: String...) -> [IPv4Network] { texts.compactMap { IPv4Network($0) } }
    private static func v6(_ texts: String...) -> [IPv6Network] { texts.compactMap { IPv6Network($0) } }
}
