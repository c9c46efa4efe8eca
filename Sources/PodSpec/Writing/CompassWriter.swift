import LabModel

/// Writes a pod as Compass4nfv's `network.yml` and DHA file, in either generation.
struct CompassWriter {
    let pod: Pod
    let isOld: Bool
    let settings: EngineSettings
    let header: [String]

    func write() -> WrittenPod {
        WrittenPod(
            network: WrittenFile(name: "network.yml", text: YAMLText.document(network(), header: header)),
            hardware: WrittenFile(name: "dha.yml", text: YAMLText.document(hosts(), header: header))
        )
    }

    // MARK: - network.yml

    private func network() -> [YAMLText.Field] {
        var fields: [YAMLText.Field] = [
            .init("nic_mappings", .list([])), .init("bond_mappings", .list(pod.bonds.map(bond))),
            .init("provider_net_mappings", .list(pod.providerNetworks.map(provider))),
            .init("sys_intf_mappings", .list(pod.networks.flatMap(mappings))),
            .init("ip_settings", .list(pod.networks.map { setting($0) })),
        ]
        for name in ["internal_vip", "public_vip"] {
            guard let vip = pod.virtualAddresses.first(where: { $0.name == name }) else { continue }
            fields.append(
                .init(
                    name,
                    .map([
                        .init("ip", .described(vip.address)), .init("netmask", .text("\(vip.prefixLength)")),
                        .init("interface", .text(vip.network)),
                    ])
                )
            )
        }
        let own = settings.fields(for: .compassNetwork)
        return fields + (isOld ? own.filter { $0.key != "tenant_net_info" } : own)
    }

    private func bond(_ bond: Bond) -> YAMLText {
        let fields: [YAMLText.Field?] = [
            .init("name", .text(bond.name)), .init("host", .texts(bond.nodes)),
            .init("bond-slaves", .texts(bond.ports)), .init("bond-mode", .text(bond.mode.rawValue)),
            .init("bond-miimon", bond.miimon.map { .number($0) }),
            .init("bond-lacp_rate", bond.lacpRate.map { .text($0.rawValue) }),
            .init("bond-xmit_hash_policy", bond.hashPolicy.map { .text($0.rawValue) }),
            .init("mtu", bond.mtu.map { .number($0) }),
        ]
        return .map(fields.compactMap(\.self))
    }

    private func provider(_ provider: ProviderNetwork) -> YAMLText {
        .map([
            .init("name", .text(provider.bridge)), .init("network", .text(provider.name)),
            .init("interface", .text(provider.interface ?? ProviderMapping.virtualInterface)),
            .init("type", .text("ovs")), .init("role", .texts(provider.roles)),
        ])
    }

    private func mappings(_ network: PodNetwork) -> [YAMLText] {
        // What single nodes have is said by no key of this format.
        let byRole = network.attachments.filter { $0.nodes == nil }
        if !byRole.isEmpty {
            return byRole.map { one in
                let isOnBond = network.bond != nil && one.interface == network.interface
                return mapping(
                    network.name,
                    on: isOnBond ? network.bond ?? one.interface : one.interface,
                    kind: one.kind,
                    vlan: one.vlan,
                    roles: one.roles
                )
            }
        }
        let carrier = network.bond ?? network.interface
        let bridge = pod.providerNetworks.first { $0.interface == carrier }
        // The first generation reaches outside over the bridge itself, and has no tag on it.
        if isOld, network.name == "external", network.vlan == nil, let bridge {
            return [
                mapping(
                    network.name,
                    on: bridge.bridge,
                    kind: "ovs",
                    vlan: nil,
                    roles: NetworkFile.mappedRoles
                )
            ]
        }
        let kind = isOld && network.vlan != nil ? "vlan" : "normal"
        return [
            mapping(network.name, on: carrier, kind: kind, vlan: network.vlan, roles: NetworkFile.mappedRoles)
        ]
    }

    private func mapping(
        _ name: String,
        on interface: String,
        kind: String,
        vlan: Int?,
        roles: [String]
    ) -> YAMLText {
        // Without the key, the second generation knows a network by its NIC.
        let tag: YAMLText? = vlan.map { .number($0) } ?? (isOld ? nil : .text("None"))
        let fields: [YAMLText.Field?] = [
            .init("name", .text(name)), .init("interface", .text(interface)), .init("type", .text(kind)),
            .init("vlan_tag", tag), .init("role", .texts(roles)),
        ]
        return .map(fields.compactMap(\.self))
    }

    private func setting(_ network: PodNetwork) -> YAMLText {
        let isBoot = network.name == pod.installNetwork?.name
        var network = network
        network.range = range(of: network)
        if isBoot, !isOld {
            let free = FreeAddresses(in: pod)
            if network.gateway == nil { network.gateway = free.first(in: network) }
            if network.dhcpRange == nil {
                network.dhcpRange = free.run(of: max(40, pod.nodes.count), in: network)
            }
        }
        if isOld, isBoot { network.gateway = nil }
        let fields: [YAMLText.Field?] = [
            .init("name", .text(network.name)), .init("cidr", .described(network.cidr)),
            .init("gw", network.gateway.map { .described($0) }),
            isOld ? nil : .init("dhcp_ranges", network.dhcpRange.map(pairs)),
            .init("ip_ranges", pairs(network.range)), .init("role", .texts(NetworkFile.mappedRoles)),
        ]
        return .map(fields.compactMap(\.self))
    }

    private func pairs(_ range: IPv4Range) -> YAMLText {
        .list([.list([.described(range.first), .described(range.last)])])
    }

    /// Nodes get the range's addresses in their order: it begins where that gives each its own, if any range can.
    private func range(of network: PodNetwork) -> IPv4Range {
        let wanted = pod.nodes.indices.map { pod.address(ofNodeAt: $0, on: network) }
        guard let first = wanted.first ?? nil,
            wanted.enumerated().allSatisfy({ $1 == first.advanced(by: UInt32($0)) }),
            let last = first.advanced(by: UInt32(wanted.count - 1))
        else { return network.range }
        return IPv4Range(first: first, last: max(last, network.range.last)) ?? network.range
    }

    // MARK: - The DHA file

    private func hosts() -> [YAMLText.Field] {
        let bmcs = pod.nodes.compactMap(\.bmc)
        let isBare = bmcs.count == pod.nodes.count
        var fields = [
            YAMLText.Field("TYPE", .text(isBare ? "baremetal" : "virtual")),
            .init("FLAVOR", .text("cluster")),
        ]
        if isBare { fields.append(.init("POWER_TOOL", .text("ipmitool"))) }
        if let first = bmcs.first {
            fields += [
                .init("ipmiUser", .text(first.user)), .init("ipmiPass", .text(first.password)),
                .init("ipmiVer", .text(first.version)),
            ]
        }
        let own = settings.fields(for: .compassHardware)
        fields.removeAll { field in own.contains { $0.key == field.key } }
        return fields + own + [.init("hosts", .list(pod.nodes.map { host($0, bmcs.first) }))]
    }

    /// NICs that every host has anyway, by the reader's rule: all up to the last that is used.
    private var usedPositions: Int {
        let used =
            pod.networks.flatMap { [$0.interface] + $0.attachments.map(\.interface) }
            + pod.bonds.flatMap(\.ports)
            + pod.providerNetworks.compactMap(\.interface)
        return used.compactMap { NICPosition($0)?.number }.max() ?? 0
    }

    private func host(_ node: Node, _ defaults: BMCAccess?) -> YAMLText {
        let boot = node.nics.first { $0.name == "eth0" && !$0.isDerived }
        var given = node.nics.filter { nic in
            !nic.isDerived || NICPosition(nic.name).map { $0.number > usedPositions } == true
        }
        let mac: MACAddress?
        if let own = node.bmc?.mac, let boot, own != boot.mac {
            mac = own
        } else {
            mac = boot?.mac
            given.removeAll { $0.name == "eth0" }
        }
        let known = node.roles.filter { HardwareFile.roles.contains($0) }
        var fields: [YAMLText.Field?] = [
            .init("name", .text(node.name)), .init("mac", mac.map { .text("\($0)") }),
            given.isEmpty
                ? nil : .init("interfaces", .list(given.map { .map([.init($0.name, .text("\($0.mac)"))]) })),
        ]
        if let bmc = node.bmc {
            fields.append(.init("ipmiIp", .described(bmc.address)))
            if bmc.user != defaults?.user { fields.append(.init("ipmiUser", .text(bmc.user))) }
            if bmc.password != defaults?.password { fields.append(.init("ipmiPass", .text(bmc.password))) }
            if bmc.version != defaults?.version { fields.append(.init("ipmiVer", .text(bmc.version))) }
        }
        fields.append(.init("roles", .texts(known)))
        return .map(fields.compactMap(\.self))
    }
}
