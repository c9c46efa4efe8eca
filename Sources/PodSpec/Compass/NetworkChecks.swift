import LabModel
import YAML

/// What can only be judged when the parts of `network.yml` are seen together.
extension NetworkFile {
    /// `hosts` are those of the DHA file; nil when there is none to be seen.
    func check(hosts: Int?, _ reader: inout YAMLReader) {
        checkWires(&reader)
        checkInstallNetwork(&reader)
        checkBonds(&reader)
        for (index, setting) in settings.enumerated() {
            for other in settings[..<index] where setting.cidr.overlaps(other.cidr) {
                reader.warning(
                    .networksOverlap,
                    "network \(setting.name.value) (\(setting.cidr)) overlaps \(other.name.value) (\(other.cidr))",
                    at: setting.name.position,
                    hint: "nodes cannot tell which way to send"
                )
            }
            if let hosts, let range = setting.dhcpRange, range.value.count < hosts {
                reader.warning(
                    .rangeShort,
                    "dhcp_ranges of \(setting.name.value) hold \(range.value.count) addresses for \(hosts) hosts that boot at once",
                    at: range.position,
                    hint: "lengthen the range"
                )
            }
            guard let hosts, let range = setting.range else { continue }
            if range.value.count < hosts {
                reader.error(
                    .rangeShort,
                    "ip_ranges of \(setting.name.value) hold \(range.value.count) addresses, the pod has \(hosts) hosts",
                    at: range.position,
                    hint: "lengthen the range"
                )
            }
            checkNodeAddresses(setting, range, hosts, &reader)
        }
        for vip in vips { check(vip, hosts: hosts, &reader) }
        if vips.count == 2, vips[0].address.value == vips[1].address.value {
            reader.error(
                .addressTaken,
                "\(vips[1].name) has the address of \(vips[0].name)",
                at: vips[1].address.position,
                hint: "take a free one"
            )
        }
        checkFloating(hosts: hosts, &reader)
    }

    /// Every address that a node will have must be one that a host can have, and nobody else's.
    private func checkNodeAddresses(
        _ setting: NetworkSetting,
        _ range: Located<IPv4Range>,
        _ hosts: Int,
        _ reader: inout YAMLReader
    ) {
        func hostNumber(_ address: IPv4Address) -> Int? {
            guard range.value.contains(address) else { return nil }
            let index = Int(address.bits - range.value.first.bits)
            return index < hosts ? index + 1 : nil
        }
        let reserved = setting.cidr.prefixLength < 31 ? [setting.cidr.base, setting.cidr.broadcast] : []
        for address in reserved {
            guard let number = hostNumber(address) else { continue }
            reader.error(
                .rangeNoHost,
                "host \(number) would get \(address), which is not a host's in \(setting.cidr)",
                at: range.position,
                hint: "start the range elsewhere"
            )
        }
        if let gateway = setting.gateway?.value, let number = hostNumber(gateway) {
            reader.error(
                .addressTaken,
                "host \(number) would get \(gateway), which is the gateway's",
                at: range.position,
                hint: "start the range elsewhere"
            )
        }
    }

    /// Two networks on one NIC are told apart by their tags.
    private func checkWires(_ reader: inout YAMLReader) {
        for (index, mapping) in mappings.enumerated() {
            let mine = carrier(of: mapping.interface.value)
            let clash = mappings[..<index].first {
                mine != nil && carrier(of: $0.interface.value) == mine && $0.vlan == mapping.vlan
                    && $0.name.value != mapping.name.value && $0.sharesRole(with: mapping)
            }
            guard let clash else { continue }
            let tag = mapping.vlan.map { "with VLAN \($0)" } ?? "untagged"
            reader.error(
                .vlanClash,
                "\(mapping.name.value) is on \(mapping.interface.value) \(tag), as \(clash.name.value) is",
                at: mapping.interface.position,
                hint: "give one of them another vlan_tag or NIC"
            )
        }
        for mapping in mappings where mapping.name.value == "external" && !mapping.hasTagKey {
            reader.warning(
                .externalAlias,
                "without vlan_tag, Compass4nfv knows external as \(mapping.interface.value), and its Gambia templates fail to find it",
                at: mapping.name.position,
                hint: "add “vlan_tag: None”"
            )
        }
    }

    private func checkInstallNetwork(_ reader: inout YAMLReader) {
        guard let install = settings.first(where: { $0.dhcpRange != nil }) else {
            guard let settingNames, settings.count(where: \.isWhole) == settingNames.count else {
                return  // Reported already.
            }
            let mgmt = settings.first { $0.name.value == "mgmt" } ?? settings.first
            reader.warning(
                .firstGeneration,
                "no network has dhcp_ranges, so that nodes could boot from it: Compass4nfv's Gambia release ends with a KeyError here, and goes on without an address to install from",
                at: mgmt?.name.position ?? start,
                hint: "give mgmt dhcp_ranges and gw"
            )
            return
        }
        if install.gateway == nil, install.isWhole {
            reader.error(
                .gatewayMissing,
                "\(install.name.value) has dhcp_ranges and no gw",
                at: install.name.position,
                hint: "give it the jump host's address as gw"
            )
        }
        let mapping = mappings.first { $0.name.value == install.name.value }
        if let mapping, mapping.vlan != nil {
            reader.error(
                .bootTagged,
                "nodes boot from \(install.name.value), which is tagged: a NIC boots untagged",
                at: mapping.name.position,
                hint: "make its vlan_tag None"
            )
        }
    }

    /// A port of a bond is nobody else's, and carries nothing by itself.
    private func checkBonds(_ reader: inout YAMLReader) {
        var names: Set<String> = []
        for bond in bonds where !names.insert(bond.name.value).inserted {
            reader.error(
                .bondPorts,
                "two bonds are named \(bond.name.value)",
                at: bond.name.position,
                hint: "rename one"
            )
        }
        for (index, bond) in bonds.enumerated() {
            for other in bonds[..<index] where Self.share(bond.hosts, other.hosts) {
                let theirs = Set(other.ports.map(\.value))
                for port in bond.ports where theirs.contains(port.value) {
                    reader.error(
                        .bondPorts,
                        "\(port.value) is a port of \(other.name.value) already",
                        at: port.position,
                        hint: "give each bond NICs of its own"
                    )
                }
            }
        }
        var owners: [String: String] = [:]
        for bond in bonds { for port in bond.ports { owners[port.value] = bond.name.value } }
        let uses =
            providers.map { ("the provider network \($0.name.value)", $0.interface) }
            + mappings.map { ("network \($0.name.value)", $0.interface) }
        for (what, interface) in uses {
            guard let bond = owners[interface.value] else { continue }
            reader.error(
                .bondSlaveUsed,
                "\(what) is on \(interface.value), a port of \(bond)",
                at: interface.position,
                hint: "put it on \(bond)"
            )
        }
    }

    private static func share(_ left: [Located<String>], _ right: [Located<String>]) -> Bool {
        left.isEmpty || right.isEmpty || !Set(left.map(\.value)).isDisjoint(with: right.map(\.value))
    }

    private func check(_ vip: VIPSetting, hosts: Int?, _ reader: inout YAMLReader) {
        guard let setting = settings.first(where: { $0.name.value == vip.network.value }) else {
            guard let names = settingNames?.map(\.value), !names.contains(vip.network.value) else { return }
            let hint = Suggestion.hint(for: vip.network.value, among: names, "network")
            reader.error(
                .vipNetwork,
                "unknown network “\(vip.network.value)”",
                at: vip.network.position,
                hint: hint
            )
            return
        }
        let address = vip.address.value
        let range = setting.range?.value
        let index = range.flatMap { $0.contains(address) ? Int(address.bits - $0.first.bits) : nil }
        if !setting.cidr.contains(address) {
            reader.error(
                .addressOutside,
                "\(vip.name) \(address) is outside of \(setting.name.value) (\(setting.cidr))",
                at: vip.address.position,
                hint: "take one inside"
            )
        } else if address == setting.gateway?.value {
            reader.error(
                .addressTaken,
                "\(vip.name) \(address) is the gateway of \(setting.name.value)",
                at: vip.address.position,
                hint: "take a free one"
            )
        } else if let index, let range, let hosts, index < hosts {
            reader.error(
                .addressTaken,
                "\(vip.name) \(address) is the address of host \(index + 1)",
                at: vip.address.position,
                hint: "take one outside of \(range)"
            )
        } else if let range, index != nil {
            reader.warning(
                .vipInRange,
                "\(vip.name) \(address) is inside ip_ranges (\(range))",
                at: vip.address.position,
                hint: "a node added later would get it too"
            )
        } else if let dhcpRange = setting.dhcpRange?.value, dhcpRange.contains(address) {
            reader.error(
                .addressTaken,
                "\(vip.name) \(address) is inside dhcp_ranges (\(dhcpRange))",
                at: vip.address.position,
                hint: "a node that boots would get it too"
            )
        }
    }

    /// What OpenStack gives to its guests must be free on the network that they are reached through.
    private func checkFloating(hosts: Int?, _ reader: inout YAMLReader) {
        guard let publicNetwork, let external = settings.first(where: { $0.name.value == "external" }) else {
            return
        }
        if let cidr = publicNetwork.cidr, cidr.value != external.cidr {
            reader.warning(
                .floatingElsewhere,
                "floating_ip_cidr \(cidr.value) is not the external network's, \(external.cidr)",
                at: cidr.position,
                hint: "make them the same, unless a router stands between them"
            )
        } else if let gateway = publicNetwork.gateway, let theirs = external.gateway?.value,
            gateway.value != theirs
        {
            reader.warning(
                .floatingElsewhere,
                "external_gw \(gateway.value) is not the external network's gw, \(theirs)",
                at: gateway.position,
                hint: "make them the same"
            )
        }
        if let floating = publicNetwork.floating { checkFloating(floating, external, hosts, &reader) }
    }

    private func checkFloating(
        _ floating: Located<IPv4Range>,
        _ external: NetworkSetting,
        _ hosts: Int?,
        _ reader: inout YAMLReader
    ) {
        if let range = external.range?.value, floating.value.overlaps(range) {
            let lastUsed = hosts.flatMap { $0 > 0 ? range[min($0, range.count) - 1] : nil }
            let used = lastUsed.flatMap { IPv4Range(first: range.first, last: $0) }
            let message = "floating addresses \(floating.value) overlap ip_ranges of external (\(range))"
            let hint = "start them after \(range.last)"
            if used?.overlaps(floating.value) == true {
                reader.error(.addressTaken, message, at: floating.position, hint: hint)
            } else {
                reader.warning(.rangesOverlap, message, at: floating.position, hint: hint)
            }
        }
        let owners =
            [publicNetwork?.gateway.map { ("external_gw", $0.value) }]
            + [external.gateway.map { ("the gateway of external", $0.value) }]
            + vips.map { ($0.name, $0.address.value) }
        for (owner, address) in owners.compactMap({ $0 }) where floating.value.contains(address) {
            reader.error(
                .addressTaken,
                "floating addresses \(floating.value) hold \(address), which is \(owner)",
                at: floating.position,
                hint: "leave it out of them"
            )
        }
    }
}
