import LabModel

/// Writes a pod as vlab's own `pod.yml`, which can say all of it.
///
/// Addresses are written although they could be derived: what is derived depends on how many nodes there are.
struct OwnWriter {
    let pod: Pod
    let header: [String]

    func write() -> WrittenPod {
        var fields = [YAMLText.Field("pod", .text(pod.name))]
        fields.append(.init("boot", .text(pod.installNetwork?.name ?? "none")))
        let defaults = bmcDefaults
        if let text = defaults.text { fields.append(.init("bmc", text)) }
        fields.append(.init("nodes", nodes(defaults)))
        fields.append(.init("networks", .map(pod.networks.map { .init($0.name, network($0)) })))
        if !pod.bonds.isEmpty { fields.append(.init("bonds", .map(pod.bonds.map(bond)))) }
        if !pod.virtualAddresses.isEmpty {
            fields.append(.init("virtual_addresses", .map(pod.virtualAddresses.map(virtualAddress))))
        }
        if !pod.providerNetworks.isEmpty {
            fields.append(.init("provider_networks", .map(pod.providerNetworks.map(provider))))
        }
        let text = YAMLText.document(fields, header: header)
        return WrittenPod(network: WrittenFile(name: "pod.yml", text: text))
    }

    // MARK: - Nodes

    /// What most BMCs have, so that the nodes need not say it.
    private struct BMCDefaults {
        var user = "root"
        var password = "admin"
        var version = "2.0"
        var text: YAMLText?
    }

    private var bmcDefaults: BMCDefaults {
        guard let first = pod.nodes.compactMap(\.bmc).first else { return BMCDefaults(text: .text("none")) }
        let text = YAMLText.map([
            .init("user", .text(first.user)), .init("password", .text(first.password)),
            .init("version", .text(first.version)),
        ])
        return BMCDefaults(user: first.user, password: first.password, version: first.version, text: text)
    }

    /// The NICs that the reader gives to a node of itself.
    private func implied(for node: Node) -> Set<String> {
        Set(
            pod.networks.flatMap { [$0.interface] + $0.attachments.map(\.interface) }
                + pod.providerNetworks.compactMap {
                    $0.interface.flatMap { NICPosition($0) == nil ? nil : $0 }
                }
                + pod.bonds.filter { $0.nodes.contains(node.name) }.flatMap(\.ports)
        )
    }

    private func nodes(_ defaults: BMCDefaults) -> YAMLText {
        var machines: [Hardware: String] = [:]
        let counts = Dictionary(
            pod.nodes.compactMap { node in node.hardware.map { ($0, 1) } },
            uniquingKeysWith: +
        )
        return .map(
            pod.nodes.map { node in
                var fields: [YAMLText.Field] = []
                if !node.roles.isEmpty { fields.append(.init("roles", .texts(node.roles))) }
                let implied = implied(for: node)
                let nics = node.nics.filter { !$0.isDerived || !implied.contains($0.name) }
                if !nics.isEmpty {
                    let entries = nics.map { nic in
                        YAMLText.Field(nic.name, nic.isDerived ? .plain("~") : .text("\(nic.mac)"))
                    }
                    fields.append(.init("nics", .map(entries)))
                }
                if let bmc = bmc(of: node, defaults) { fields.append(.init("bmc", bmc)) }
                if let hardware = node.hardware {
                    if let name = machines[hardware] {
                        fields.append(.init("hardware", .alias(name)))
                    } else if counts[hardware] == 1 {
                        fields.append(.init("hardware", self.hardware(hardware)))
                    } else {
                        let name = "machine\(machines.count + 1)"
                        machines[hardware] = name
                        fields.append(.init("hardware", .anchored(name, self.hardware(hardware))))
                    }
                }
                return .init(node.name, .map(fields))
            }
        )
    }

    private func bmc(of node: Node, _ defaults: BMCDefaults) -> YAMLText? {
        guard let bmc = node.bmc else {
            return pod.nodes.contains { $0.bmc != nil } ? .text("none") : nil
        }
        var fields = [YAMLText.Field("address", .described(bmc.address))]
        if bmc.user != defaults.user { fields.append(.init("user", .text(bmc.user))) }
        if bmc.password != defaults.password { fields.append(.init("password", .text(bmc.password))) }
        if bmc.version != defaults.version { fields.append(.init("version", .text(bmc.version))) }
        if let mac = bmc.mac { fields.append(.init("mac", .described(mac))) }
        return fields.count == 1 ? fields[0].value : .map(fields)
    }

    private func hardware(_ hardware: Hardware) -> YAMLText {
        let disks = hardware.disks.map { disk in
            YAMLText.map([
                .init("name", .text(disk.name)), .init("kind", .text(disk.kind)),
                .init("capacity", .text(disk.capacity.short)),
            ])
        }
        return .map(
            [
                .init("type", .text(hardware.isVirtual ? "virtual" : "baremetal")),
                .init("vendor", .text(hardware.vendor)),
                .init("model", .text(hardware.model)),
                .init("architecture", .text(hardware.architecture)),
                .init("cpus", .number(hardware.cpus)),
                .init("cores", .number(hardware.coresPerCPU)),
                .init("memory", .text(hardware.memory.short)),
            ] + (disks.isEmpty ? [] : [.init("disks", .list(disks))])
        )
    }

    // MARK: - Networks

    private func network(_ network: PodNetwork) -> YAMLText {
        let isBoot = network.name == pod.installNetwork?.name
        var fields = [
            network.bond.map { YAMLText.Field("bond", .text($0)) } ?? .init("nic", .text(network.interface))
        ]
        if let vlan = network.vlan {
            fields.append(.init("vlan", network.lastVLAN.map { .text("\(vlan)-\($0)") } ?? .number(vlan)))
        }
        fields.append(.init("cidr", .described(network.cidr)))
        if let gateway = network.gateway {
            fields.append(.init("gateway", .described(gateway)))
        } else if isBoot {
            fields.append(.init("gateway", .text("none")))
        }
        fields.append(.init("range", .text(network.range.hyphenated)))
        if let range = network.dhcpRange {
            fields.append(.init("dhcp", .text(range.hyphenated)))
        } else if isBoot {
            fields.append(.init("dhcp", .text("none")))
        }
        let named = pod.nodes.enumerated().compactMap { index, node -> YAMLText.Field? in
            guard let address = network.addresses[node.name], address != network.range[index] else {
                return nil
            }
            return .init(node.name, .described(address))
        }
        if !named.isEmpty { fields.append(.init("addresses", .map(named))) }
        if !network.attachments.isEmpty {
            fields.append(.init("attachments", .list(network.attachments.map(attachment))))
        }
        return .map(fields)
    }

    private func attachment(_ one: NetworkAttachment) -> YAMLText {
        .map(
            [
                .init("roles", .texts(one.roles)), one.nodes.map { .init("nodes", .texts($0)) },
                .init("nic", .text(one.interface)),
                .init("vlan", one.vlan.map { .number($0) }), .init("kind", .text(one.kind)),
            ].compactMap(\.self)
        )
    }

    private func bond(_ bond: Bond) -> YAMLText.Field {
        let isEverywhere = bond.nodes == pod.nodes.map(\.name)
        let fields: [YAMLText.Field?] = [
            .init("ports", .texts(bond.ports)), .init("mode", .text(bond.mode.rawValue)),
            .init("mtu", bond.mtu.map { .number($0) }),
            .init("lacp_rate", bond.lacpRate.map { .text($0.rawValue) }),
            .init("miimon", bond.miimon.map { .number($0) }),
            .init("xmit_hash_policy", bond.hashPolicy.map { .text($0.rawValue) }),
            isEverywhere ? nil : .init("nodes", .texts(bond.nodes)),
        ]
        return .init(bond.name, .map(fields.compactMap(\.self)))
    }

    private func virtualAddress(_ vip: VirtualAddress) -> YAMLText.Field {
        let isLong = pod.network(named: vip.network)?.cidr.prefixLength != vip.prefixLength
        let fields: [YAMLText.Field?] = [
            .init("address", .described(vip.address)), .init("network", .text(vip.network)),
            isLong ? .init("prefix", .number(vip.prefixLength)) : nil,
        ]
        return .init(vip.name, .map(fields.compactMap(\.self)))
    }

    private func provider(_ provider: ProviderNetwork) -> YAMLText.Field {
        let fields: [YAMLText.Field?] = [
            .init("bridge", .text(provider.bridge)),
            provider.interface.map { .init(NICPosition($0) == nil ? "bond" : "nic", .text($0)) },
            provider.roles.isEmpty ? nil : .init("roles", .texts(provider.roles)),
        ]
        return .init(provider.name, .map(fields.compactMap(\.self)))
    }
}

extension IPv4Range {
    /// As files write it: `10.20.0.50-10.20.0.99`.
    var hyphenated: String { "\(first)-\(last)" }
}

extension Memory {
    /// A size as people write it, `1.8T`, where that is exactly what it is.
    var short: String {
        let plain = description
        guard let last = plain.last, last.isNumber, bytes > 0 else { return plain }
        for (unit, factor) in [("T", 0x1p40), ("G", 0x1p30), ("M", 0x1p20)] as [(String, Double)] {
            // As many decimals as anybody writes.
            for scale in [10.0, 100, 1_000] {
                let rounded = (Double(bytes) / factor * scale).rounded() / scale
                let text = "\(rounded)\(unit)"
                if Memory(described: text) == self { return text }
            }
        }
        return plain
    }
}
