import LabModel
import YAML

/// Compass4nfv's `network.yml`, second generation, as it is written.
struct NetworkFile {
    /// An entry of `sys_intf_mappings`: which NIC carries a network, and with which tag.
    struct Mapping {
        var name: Located<String>
        var interface: Located<String>
        var vlan: Int?
    }

    /// An entry of `ip_settings`: the addresses of a network.
    struct Setting {
        var name: Located<String>
        var cidr: IPv4Network
        var range: Located<IPv4Range>
        var dhcpRange: Located<IPv4Range>?
        var gateway: Located<IPv4Address>?
    }

    /// `internal_vip` or `public_vip`.
    struct VIP {
        var name: String
        var address: Located<IPv4Address>
        var prefixLength: Int
        var network: Located<String>
    }

    /// The names in each list, also of entries that have something else wrong with them; nil without the list.
    private(set) var mappingNames: [Located<String>]?
    private(set) var settingNames: [Located<String>]?
    var mappings: [Mapping] = []
    var settings: [Setting] = []
    var vips: [VIP] = []

    init?(_ root: YAMLNode, _ reader: inout YAMLReader) {
        let top = reader.mapping(
            root,
            "network.yml",
            required: ["sys_intf_mappings", "ip_settings"],
            optional: [
                "nic_mappings", "bond_mappings", "provider_net_mappings", "internal_vip", "public_vip",
                "onos_nic",
                "tenant_net_info", "public_net_info", "openo_net",
            ]
        )
        guard let top else { return nil }
        for key in ["nic_mappings", "bond_mappings"] {
            if let items = reader.sequence(top[key], key), let first = items.first {
                reader.error("\(key) cannot be racked yet", at: first.position, hint: "make it []")
            }
        }
        if let items = reader.sequence(top["sys_intf_mappings"], "sys_intf_mappings") {
            mappingNames = Self.names(of: items)
            mappings = items.compactMap { Mapping($0, &reader) }
        }
        if let items = reader.sequence(top["ip_settings"], "ip_settings") {
            settingNames = Self.names(of: items)
            settings = items.compactMap { Setting($0, &reader) }
        }
        for name in ["internal_vip", "public_vip"] {
            if let node = top[name], let vip = VIP(node, name, &reader) { vips.append(vip) }
        }
        checkOpenStack(top, &reader)
    }

    private static func names(of items: [YAMLNode]) -> [Located<String>] {
        items.compactMap { item in
            item["name"].flatMap { node in node.text.map { Located(value: $0, position: node.position) } }
        }
    }

    /// What only OpenStack reads: its form must be right all the same.
    private func checkOpenStack(_ top: YAMLReader.Mapping, _ reader: inout YAMLReader) {
        for item in reader.sequence(top["provider_net_mappings"], "provider_net_mappings") ?? [] {
            let keys = ["name", "network", "interface", "type", "role"]
            guard let map = reader.mapping(item, "provider_net_mappings", required: keys) else { continue }
            for key in ["network", "interface", "type"] { _ = reader.text(map[key], key) }
            _ = reader.texts(map["role"], "role", orOne: true)
            if let node = map["name"], let name = reader.text(node, "name"),
                !["br-provider", "br-int"].contains(name)
            {
                reader.warning(
                    "Compass4nfv's Gambia release expects the bridge br-provider here, not \(name)",
                    at: node.position
                )
            }
        }
        _ = reader.text(top["onos_nic"], "onos_nic")
        if let info = reader.mapping(
            top["tenant_net_info"],
            "tenant_net_info",
            required: ["type", "range"],
            optional: ["provider_network"]
        ) {
            for key in info.keys { _ = reader.text(info[key], key) }
        }
        if let info = reader.anyMapping(top["openo_net"], "openo_net") {
            for key in info.keys { _ = reader.text(info[key], key) }
        }
        PublicNetwork(top["public_net_info"], &reader)
    }
}

extension NetworkFile.Mapping {
    init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        let map = reader.mapping(
            node,
            "an entry of sys_intf_mappings",
            required: ["name", "interface"],
            optional: ["type", "vlan_tag", "role"]
        )
        guard let map else { return nil }
        // OpenStack's templates never read the type; only the tag decides.
        _ = reader.choice(map["type"], "type", AttachmentType.self)
        _ = reader.texts(map["role"], "role", orOne: true)
        let tag = Self.vlan(map["vlan_tag"], &reader)
        let name = reader.locatedText(map["name"], "name")
        let interface = reader.nic(map["interface"], "interface")
        guard let name, let interface, let tag else { return nil }
        (self.name, self.interface, vlan) = (name, interface, tag)
    }

    private enum AttachmentType: String, CaseIterable { case normal, vlan, ovs, dpdk }

    /// The tag as the templates see it; nil when it is wrong.
    ///
    /// They ask for `vlan_tag | int`, where what is no number counts as 0, and 0 is untagged.
    private static func vlan(_ node: YAMLNode?, _ reader: inout YAMLReader) -> Int?? {
        guard let node else { return .some(nil) }
        guard let text = node.text else {
            reader.error("vlan_tag must be a number or None, not \(node.kind)", at: node.position)
            return nil
        }
        guard let tag = Int(text) else {
            if !node.isNull, !["None", "none", ""].contains(text) {
                reader.warning(
                    "vlan_tag “\(text)” is no number and counts as untagged",
                    at: node.position,
                    hint: "write None"
                )
            }
            return .some(nil)
        }
        guard (0...4094).contains(tag) else {
            reader.error(
                "vlan_tag \(tag) does not exist",
                at: node.position,
                hint: "tags are 1 to 4094, or None"
            )
            return nil
        }
        return .some(tag == 0 ? nil : tag)
    }
}

extension NetworkFile.Setting {
    init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        let map = reader.mapping(
            node,
            "an entry of ip_settings",
            required: ["name", "ip_ranges", "cidr"],
            optional: ["dhcp_ranges", "gw", "role"]
        )
        guard let map else { return nil }
        _ = reader.texts(map["role"], "role", orOne: true)
        let name = reader.locatedText(map["name"], "name")
        let cidr = reader.value(map["cidr"], "cidr", example: "10.20.0.0/24") { IPv4Network($0) }
        let range = Self.range(map["ip_ranges"], "ip_ranges", in: cidr, &reader)
        let dhcpRange = Self.range(map["dhcp_ranges"], "dhcp_ranges", in: cidr, &reader)
        let gateway = reader.address(map["gw"], "gw")
        if let gateway, let cidr, !cidr.contains(gateway.value) {
            reader.error(
                "gateway \(gateway.value) is outside of \(cidr)",
                at: gateway.position,
                hint: "take one inside"
            )
        }
        if let range, let dhcpRange, range.value.overlaps(dhcpRange.value) {
            reader.warning(
                "dhcp_ranges \(dhcpRange.value) overlap ip_ranges \(range.value)",
                at: dhcpRange.position,
                hint: "two nodes may get one address"
            )
        }
        guard let name, let cidr, let range, (gateway == nil) == (map["gw"] == nil),
            (dhcpRange == nil) == (map["dhcp_ranges"] == nil)
        else { return nil }
        (self.name, self.cidr, self.range, self.dhcpRange, self.gateway) = (
            name, cidr, range, dhcpRange, gateway
        )
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
                "\(what) must hold one pair of addresses",
                at: position,
                hint: "as in [[10.20.0.50, 10.20.0.99]]"
            )
            return nil
        }
        guard let ends = reader.sequence(pair, "the pair in \(what)") else { return nil }
        guard ends.count == 2 else {
            reader.error("the pair in \(what) must be two addresses, not \(ends.count)", at: pair.position)
            return nil
        }
        let first = reader.address(ends[0], "the first address of \(what)")
        let last = reader.address(ends[1], "the last address of \(what)")
        guard let first, let last else { return nil }
        if let cidr {
            var fits = true
            for end in [first, last] where !cidr.contains(end.value) {
                reader.error(
                    "\(what): \(end.value) is outside of \(cidr)",
                    at: end.position,
                    hint: "correct it, or the cidr"
                )
                fits = false
            }
            guard fits else { return nil }
        }
        guard let range = IPv4Range(first: first.value, last: last.value) else {
            reader.error("\(what) end before they begin", at: last.position, hint: "swap the two addresses")
            return nil
        }
        return Located(value: range, position: pair.position)
    }
}

extension NetworkFile.VIP {
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
