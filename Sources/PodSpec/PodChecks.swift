import LabModel
import YAML

/// What can only be judged when the parts of a file, or both files, are seen together.
extension NetworkFile {
    /// Joins `ip_settings` and `sys_intf_mappings` by name.
    func networks(_ reader: inout YAMLReader) -> [PodNetwork] {
        reportTwice(settingNames ?? [], in: "ip_settings", &reader)
        reportTwice(mappingNames ?? [], in: "sys_intf_mappings", &reader)
        if let settingNames, let mappingNames {
            report(
                mappingNames,
                missingIn: settingNames,
                "has no addresses: it is not in ip_settings",
                &reader
            )
            report(
                settingNames,
                missingIn: mappingNames,
                "has no NIC: it is not in sys_intf_mappings",
                &reader
            )
        }
        return settings.compactMap { setting in
            guard let mapping = mappings.first(where: { $0.name.value == setting.name.value }) else {
                return nil
            }
            return PodNetwork(
                name: setting.name.value,
                interface: mapping.interface.value,
                vlan: mapping.vlan,
                cidr: setting.cidr,
                gateway: setting.gateway?.value,
                range: setting.range.value,
                dhcpRange: setting.dhcpRange?.value
            )
        }
    }

    var virtualAddresses: [VirtualAddress] {
        vips.map {
            VirtualAddress(
                name: $0.name,
                address: $0.address.value,
                prefixLength: $0.prefixLength,
                network: $0.network.value
            )
        }
    }

    func check(_ networks: [PodNetwork], hosts: Int?, _ reader: inout YAMLReader) {
        checkWires(&reader)
        checkInstallNetwork(networks, &reader)
        for (index, setting) in settings.enumerated() {
            for other in settings[..<index] where setting.cidr.overlaps(other.cidr) {
                reader.warning(
                    "network \(setting.name.value) (\(setting.cidr)) overlaps \(other.name.value) (\(other.cidr))",
                    at: setting.name.position,
                    hint: "nodes cannot tell which way to send"
                )
            }
            guard let hosts else { continue }
            if setting.range.value.count < hosts {
                reader.error(
                    "ip_ranges of \(setting.name.value) hold \(setting.range.value.count) addresses, the pod has \(hosts) hosts",
                    at: setting.range.position,
                    hint: "lengthen the range"
                )
            }
            checkNodeAddresses(setting, hosts, &reader)
        }
        for vip in vips { check(vip, hosts: hosts, &reader) }
    }

    /// Every address that a node will have must be one that a host can have, and nobody else's.
    private func checkNodeAddresses(_ setting: Setting, _ hosts: Int, _ reader: inout YAMLReader) {
        let prefix = setting.cidr.prefixLength
        for index in 0..<min(hosts, setting.range.value.count) {
            guard let address = setting.range.value[index] else { continue }
            if prefix < 31, address == setting.cidr.base || address == setting.cidr.broadcast {
                reader.error(
                    "host \(index + 1) would get \(address), which is not a host's in \(setting.cidr)",
                    at: setting.range.position,
                    hint: "start the range elsewhere"
                )
            }
            if address == setting.gateway?.value {
                reader.error(
                    "host \(index + 1) would get \(address), which is the gateway's",
                    at: setting.range.position,
                    hint: "start the range elsewhere"
                )
            }
        }
    }

    private func report(
        _ names: [Located<String>],
        missingIn others: [Located<String>],
        _ reason: String,
        _ reader: inout YAMLReader
    ) {
        let known = others.map(\.value)
        for name in names where !known.contains(name.value) {
            let nearest = Suggestion.nearest(to: name.value, in: known)
            let hint = nearest.map { "did you mean “\($0)”?" } ?? "add it there"
            reader.error("network “\(name.value)” \(reason)", at: name.position, hint: hint)
        }
    }

    private func reportTwice(_ names: [Located<String>], in list: String, _ reader: inout YAMLReader) {
        var seen: Set<String> = []
        for name in names where !seen.insert(name.value).inserted {
            reader.error(
                "network “\(name.value)” is in \(list) twice",
                at: name.position,
                hint: "keep one of them"
            )
        }
    }

    /// Two networks on one NIC are told apart by their tags.
    private func checkWires(_ reader: inout YAMLReader) {
        for (index, mapping) in mappings.enumerated() {
            let clash = mappings[..<index].first {
                $0.interface.value == mapping.interface.value && $0.vlan == mapping.vlan
                    && $0.name.value != mapping.name.value
            }
            guard let clash else { continue }
            let tag = mapping.vlan.map { "with VLAN \($0)" } ?? "untagged"
            reader.error(
                "\(mapping.name.value) is on \(mapping.interface.value) \(tag), as \(clash.name.value) is",
                at: mapping.interface.position,
                hint: "give one of them another vlan_tag or NIC"
            )
        }
    }

    private func checkInstallNetwork(_ networks: [PodNetwork], _ reader: inout YAMLReader) {
        let start = YAMLNode.Position(line: 1, column: 1)
        guard let install = settings.first(where: { $0.dhcpRange != nil }) else {
            guard let settingNames, settings.count == settingNames.count else { return }  // Reported already.
            reader.error(
                "no network has dhcp_ranges, so that nodes could boot from it",
                at: settings.first?.name.position ?? start,
                hint: "give mgmt dhcp_ranges and gw"
            )
            return
        }
        if install.gateway == nil {
            reader.error(
                "\(install.name.value) has dhcp_ranges and no gw",
                at: install.name.position,
                hint: "give it the jump host's address as gw"
            )
        }
        let mapping = mappings.first { $0.name.value == install.name.value }
        if let mapping, mapping.vlan != nil {
            reader.error(
                "nodes boot from \(install.name.value), which is tagged: a NIC boots untagged",
                at: mapping.name.position,
                hint: "make its vlan_tag None"
            )
        }
    }

    private func check(_ vip: VIP, hosts: Int?, _ reader: inout YAMLReader) {
        guard let setting = settings.first(where: { $0.name.value == vip.network.value }) else {
            guard let names = settingNames?.map(\.value), !names.contains(vip.network.value) else { return }
            let hint = Suggestion.hint(for: vip.network.value, among: names, "network")
            reader.error("unknown network “\(vip.network.value)”", at: vip.network.position, hint: hint)
            return
        }
        let address = vip.address.value
        if !setting.cidr.contains(address) {
            reader.error(
                "\(vip.name) \(address) is outside of \(setting.name.value) (\(setting.cidr))",
                at: vip.address.position,
                hint: "take one inside"
            )
        } else if let hosts, let index = (0..<hosts).first(where: { setting.range.value[$0] == address }) {
            reader.error(
                "\(vip.name) \(address) is the address of host \(index + 1)",
                at: vip.address.position,
                hint: "take one outside of \(setting.range.value)"
            )
        } else if setting.range.value.contains(address) {
            reader.warning(
                "\(vip.name) \(address) is inside ip_ranges (\(setting.range.value))",
                at: vip.address.position,
                hint: "a node added later would get it too"
            )
        }
    }
}

extension HardwareFile {
    /// A BMC shares its network with others and must not have their addresses.
    func checkAddresses(of pod: Pod, _ reader: inout YAMLReader) {
        for host in hosts {
            guard let bmc = host.bmc else { continue }
            let address = bmc.value.address
            var owner: String?
            if let vip = pod.virtualAddresses.first(where: { $0.address == address }) { owner = vip.name }
            for network in pod.networks {
                if network.gateway == address { owner = "the gateway of \(network.name)" }
                if network.dhcpRange?.contains(address) == true {
                    owner = "the dhcp_ranges of \(network.name)"
                }
                if let node = pod.nodes.first(where: { pod.address(of: $0.name, on: network) == address }) {
                    owner = "\(node.name) on \(network.name)"
                }
            }
            guard let owner else { continue }
            reader.error(
                "the BMC of \(host.name.value) has \(address), which belongs to \(owner)",
                at: bmc.position,
                hint: "take a free one"
            )
        }
    }
}

extension IPv4Network {
    func overlaps(_ other: IPv4Network) -> Bool { contains(other.base) || other.contains(base) }
}
