import LabModel
import YAML

/// An entry of `ip_settings`: the addresses of a network.
struct NetworkSetting {
    var name: Located<String>
    var cidr: IPv4Network
    /// Nil when it is wrong.
    var range: Located<IPv4Range>?
    /// Nil when there is none, or a wrong one.
    var dhcpRange: Located<IPv4Range>?
    var gateway: Located<IPv4Address>?
    /// Whether nothing of it was left out for being wrong.
    var isWhole: Bool

    init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        let map = reader.mapping(
            node,
            "an entry of ip_settings",
            required: ["name", "ip_ranges", "cidr"],
            optional: ["dhcp_ranges", "gw", "role"]
        )
        guard let map else { return nil }
        _ = reader.networkRoles(map["role"])
        let name = reader.locatedText(map["name"], "name")
        let cidr = reader.value(map["cidr"], "cidr", example: "10.20.0.0/24") { IPv4Network($0) }
        if let cidr, cidr.prefixLength != 24, let node = map["cidr"] {
            reader.warning(
                .prefixLength,
                "\(cidr) is no /24, the only length that Compass4nfv's templates write",
                at: node.position,
                hint: "take a /24"
            )
        }
        let range = Self.range(map["ip_ranges"], "ip_ranges", in: cidr, &reader)
        let dhcpRange = Self.range(map["dhcp_ranges"], "dhcp_ranges", in: cidr, &reader)
        let gateway = reader.address(map["gw"], "gw")
        if let gateway, let cidr, !cidr.contains(gateway.value) {
            reader.error(
                .addressOutside,
                "gateway \(gateway.value) is outside of \(cidr)",
                at: gateway.position,
                hint: "take one inside"
            )
        }
        if let range, let dhcpRange, range.value.overlaps(dhcpRange.value) {
            reader.warning(
                .rangesOverlap,
                "dhcp_ranges \(dhcpRange.value) overlap ip_ranges \(range.value)",
                at: dhcpRange.position,
                hint: "two nodes may get one address"
            )
        }
        if let gateway, let dhcpRange, dhcpRange.value.contains(gateway.value) {
            reader.error(
                .addressTaken,
                "dhcp_ranges \(dhcpRange.value) hold the gateway \(gateway.value)",
                at: dhcpRange.position,
                hint: "start the range after it"
            )
        }
        guard let name, let cidr else { return nil }
        (self.name, self.cidr, self.range, self.dhcpRange, self.gateway) = (
            name, cidr, range, dhcpRange, gateway
        )
        isWhole =
            range != nil && (gateway == nil) == (map["gw"] == nil)
            && (dhcpRange == nil) == (map["dhcp_ranges"] == nil)
    }

    /// The one pair of a list of pairs; nobody ever wrote a second, and Compass4nfv's parser would not read it.
    private static func range(
        _ node: YAMLNode?,
        _ what: String,
        in cidr: IPv4Network?,
        _ reader: inout YAMLReader
    ) -> Located<IPv4Range>? {
        guard let node, let pairs = reader.sequence(node, what) else { return nil }
        guard let pair = pairs.first, pairs.count == 1 else {
            let position = pairs.count > 1 ? pairs[1].position : node.position
            reader.error(
                .rangePairs,
                "\(what) must hold one pair of addresses",
                at: position,
                hint: "as in [[10.20.0.50, 10.20.0.99]]"
            )
            return nil
        }
        guard let ends = reader.sequence(pair, "the pair in \(what)") else { return nil }
        guard ends.count == 2 else {
            reader.error(
                .rangePairs,
                "the pair in \(what) must be two addresses, not \(ends.count)",
                at: pair.position
            )
            return nil
        }
        let first = reader.address(ends[0], "the first address of \(what)")
        let last = reader.address(ends[1], "the last address of \(what)")
        guard let first, let last else { return nil }
        if let cidr {
            var fits = true
            for end in [first, last] where !cidr.contains(end.value) {
                reader.error(
                    .addressOutside,
                    "\(what): \(end.value) is outside of \(cidr)",
                    at: end.position,
                    hint: "correct it, or the cidr"
                )
                fits = false
            }
            guard fits else { return nil }
        }
        guard let range = IPv4Range(first: first.value, last: last.value) else {
            reader.error(
                .rangeReversed,
                "\(what) end before they begin",
                at: last.position,
                hint: "swap the two addresses"
            )
            return nil
        }
        return Located(value: range, position: pair.position)
    }
}

/// `internal_vip` or `public_vip`.
struct VIPSetting {
    var name: String
    var address: Located<IPv4Address>
    var prefixLength: Int
    var network: Located<String>

    init?(_ node: YAMLNode, _ name: String, _ reader: inout YAMLReader) {
        guard let map = reader.mapping(node, name, required: ["ip", "netmask", "interface"]) else {
            return nil
        }
        let address = reader.address(map["ip"], "ip")
        let length = reader.value(map["netmask"], "netmask", example: "\"24\"") { text in
            Int(text).flatMap { (0...32).contains($0) ? $0 : nil }
        }
        let network = reader.locatedText(map["interface"], "interface")
        guard let address, let length, let network else { return nil }
        (self.name, self.address, prefixLength, self.network) = (name, address, length, network)
    }
}

extension IPv4Range {
    func overlaps(_ other: IPv4Range) -> Bool { first <= other.last && other.first <= last }
}

extension IPv4Network {
    func overlaps(_ other: IPv4Network) -> Bool { contains(other.base) || other.contains(base) }
}
