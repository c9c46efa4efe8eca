import LabModel

/// Writes a pod as OPNFV's pod descriptor file and installer descriptor file.
struct DescriptorWriter {
    let pod: Pod
    let settings: EngineSettings
    let header: [String]

    private static let nobody = "00:00:00:00:00:00"

    func write() -> WrittenPod {
        var assumed: [ConversionItem] = []
        let machines = machines(&assumed)
        return WrittenPod(
            network: WrittenFile(
                name: "idf-\(pod.name).yaml",
                text: YAMLText.document(networks(), header: header)
            ),
            hardware: WrittenFile(
                name: "\(pod.name).yaml",
                text: YAMLText.document(machines, header: header)
            ),
            assumed: assumed
        )
    }

    // MARK: - The pod descriptor file

    private func machines(_ assumed: inout [ConversionItem]) -> [YAMLText.Field] {
        let own = settings.fields(for: .descriptor)
        let details = own.first { $0.key == "details" } ?? .init("details", details)
        let jumphost = own.first { $0.key == "jumphost" } ?? .init("jumphost", jumphost)
        let reason = "a pod descriptor file must have it"
        if own.isEmpty {
            assumed.append(.init(.assumed, "details", after: "of nobody and nowhere", reason: reason))
            assumed.append(
                .init(.assumed, "jumphost", after: "a virtual machine with the gateways", reason: reason)
            )
        }
        let addressed = addressed
        assumed.append(.init(.assumed, "nodes", "cpu_cflags", after: "unknown", reason: reason))
        assumed.append(
            .init(.assumed, "nodes", "disk_interface, disk_rotation", after: "sata, 7200", reason: reason)
        )
        return [
            .init("version", .plain("1.0")), details, jumphost,
            .init("nodes", .list(pod.nodes.enumerated().map { node($1, at: $0, addressed) })),
        ]
    }

    private var details: YAMLText {
        .map([
            .init("pod_owner", .text("unknown")), .init("contact", .text("nobody@example.org")),
            .init("lab", .text(pod.name)), .init("location", .text("unknown")),
            .init("type", .text("development")), .init("link", .text("unknown")),
        ])
    }

    private var jumphost: YAMLText {
        let gateways = pod.networks.filter { $0.vlan == nil && $0.gateway != nil }
        let last = gateways.compactMap { NICPosition($0.interface)?.number }.max() ?? 0
        let interfaces = (0...last).map { position -> YAMLText in
            let network = gateways.first { $0.interface == "eth\(position)" }
            let fields: [YAMLText.Field?] = [
                .init("name", .text("nic\(position + 1)")), .init("mac_address", .text(Self.nobody)),
                .init("address", network.flatMap(gateway)),
                .init("vlan", network.map { _ in .text("native") }),
            ]
            return .map(fields.compactMap(\.self))
        }
        let hardware = Hardware(
            isVirtual: true,
            vendor: "unknown",
            model: "unknown",
            architecture: "x86_64",
            cpus: 1,
            coresPerCPU: 1,
            memory: .gibibytes(1)
        )
        return .map([
            .init("name", .text("jumphost")), .init("node", machine(hardware)),
            .init("disks", .list([disk("disk1", "hdd", .gibibytes(10))])), .init("os", .text("unknown")),
            .init("remote_management", libvirt), .init("interfaces", .list(interfaces)),
        ])
    }

    private func gateway(of network: PodNetwork) -> YAMLText? {
        network.gateway.map { .text("\($0)/\(network.cidr.prefixLength)") }
    }

    private var libvirt: YAMLText {
        .map([
            .init("type", .text("libvirt")), .init("user", .text("root")), .init("pass", .text("admin")),
            .init("address", .text("qemu:///system")),
        ])
    }

    private func node(_ node: Node, at index: Int, _ addressed: [String: PodNetwork]) -> YAMLText {
        let hardware =
            node.hardware
            ?? Hardware(
                isVirtual: node.bmc == nil,
                vendor: "unknown",
                model: "unknown",
                architecture: "x86_64",
                cpus: node.cpus,
                coresPerCPU: 1,
                memory: node.memory
            )
        let described = hardware.disks.map { disk($0.name, $0.kind, $0.capacity) }
        let disks = node.disks.enumerated().map { disk("disk\($0 + 1)", "hdd", $1) }
        return .map([
            .init("name", .text(node.name)), .init("node", machine(hardware)),
            .init("disks", .list(node.hardware == nil ? disks : described)),
            .init("remote_management", node.bmc.map(management) ?? libvirt),
            .init("interfaces", .list(interfaces(of: node, at: index, addressed))),
        ])
    }

    private func machine(_ hardware: Hardware) -> YAMLText {
        .map([
            .init("type", .text(hardware.isVirtual ? "virtual" : "baremetal")),
            .init("vendor", .text(hardware.vendor)), .init("model", .text(hardware.model)),
            .init("arch", .text(hardware.architecture)), .init("cpus", .number(hardware.cpus)),
            .init("cpu_cflags", .text("unknown")), .init("cores", .number(hardware.coresPerCPU)),
            .init("memory", .text(hardware.memory.short)),
        ])
    }

    private func disk(_ name: String, _ kind: String, _ capacity: Memory) -> YAMLText {
        .map([
            .init("name", .text(name)), .init("disk_capacity", .text(capacity.short)),
            .init("disk_type", .text(kind)), .init("disk_interface", .text("sata")),
            .init("disk_rotation", .plain("7200")),
        ])
    }

    private func management(_ bmc: BMCAccess) -> YAMLText {
        .map([
            .init("type", .text("ipmi")),
            .init("versions", .list([.plain(bmc.version == "2.0" ? "2.0" : "1.0")])),
            .init("user", .text(bmc.user)), .init("pass", .text(bmc.password)),
            .init("address", .described(bmc.address)),
            .init("mac_address", .text(bmc.mac?.description ?? Self.nobody)),
        ])
    }

    // MARK: - NICs and their addresses

    /// In the order of their positions: an installer descriptor file counts them.
    private func interfaces(
        of node: Node,
        at index: Int,
        _ addressed: [String: PodNetwork]
    ) -> [YAMLText] {
        let last = node.nics.compactMap { NICPosition($0.name)?.number }.max() ?? 0
        return (0...last).map { position in
            let nic = node.nic(named: "eth\(position)")
            let mac = nic.flatMap { $0.isDerived ? nil : "\($0.mac)" } ?? Self.nobody
            let network = nic.flatMap { _ in addressed["eth\(position)"] }
            let address = network.flatMap { network in
                pod.address(ofNodeAt: index, on: network).map { "\($0)/\(network.cidr.prefixLength)" }
            }
            let vlan: YAMLText? = network.map { $0.vlan.map { .number($0) } ?? .text("native") }
            let fields: [YAMLText.Field?] = [
                .init("name", .text("nic\(position + 1)")), .init("mac_address", .text(mac)),
                .init("address", address.map { .text($0) }), .init("vlan", address == nil ? nil : vlan),
            ]
            return .map(fields.compactMap(\.self))
        }
    }

    /// A NIC has room for one address: that of a network whose range does not already give it, or of the one that
    /// nodes boot from.
    private var addressed: [String: PodNetwork] {
        var found: [String: PodNetwork] = [:]
        for network in pod.networks where found[network.interface] == nil {
            let others = pod.networks.filter { $0.interface == network.interface }
            let chosen =
                others.first { !isGivenByRange($0) } ?? others.first { $0.name == pod.installNetwork?.name }
            if let chosen { found[network.interface] = chosen }
        }
        return found
    }

    /// Whether the nodes get their addresses from the range alone, by the reader's rule: the next ones that are free.
    private func isGivenByRange(_ network: PodNetwork) -> Bool {
        var free = (0..<network.range.count).lazy.compactMap { network.range[$0] }
            .filter { $0 != network.gateway }.makeIterator()
        return pod.nodes.indices.allSatisfy { pod.address(ofNodeAt: $0, on: network) == free.next() }
    }

    // MARK: - The installer descriptor file

    private func networks() -> [YAMLText.Field] {
        let own = settings.fields(for: .installer)
        let boot = pod.installNetwork?.name
        // The first untagged one is what nodes boot from.
        let ordered = pod.networks.filter { $0.name == boot } + pod.networks.filter { $0.name != boot }
        let management = own.first { $0.key == "oob" } ?? management.map { .init("oob", $0) }
        let networks = (management.map { [$0] } ?? []) + ordered.map { .init($0.name, network($0)) }
        let body: [YAMLText.Field] =
            [.init("version", .plain("0.1"))]
            + own.filter { $0.key == "installer" } + [.init("net_config", .map(networks))]
            + own.filter { !["installer", "oob"].contains($0.key) }
        let roles = pod.nodes.filter { !$0.roles.isEmpty }.map { YAMLText.Field($0.name, .texts($0.roles)) }
        let xci = YAMLText.Field("xci", .map([.init("nodes_roles", .map(roles))]))
        return [.init("idf", .map(body))] + (roles.isEmpty ? [] : [xci])
    }

    private var management: YAMLText? {
        let addresses = pod.nodes.compactMap { $0.bmc?.address }
        guard let first = addresses.min(), let last = addresses.max() else { return nil }
        let home = pod.networks.first { $0.cidr.contains(first) && $0.vlan == nil }
        return .map([
            .init("interface", .number(home.flatMap { NICPosition($0.interface)?.number } ?? 0)),
            .init("ip-range", .text("\(first)-\(last)")), .init("vlan", .text("native")),
            .init("mask", .number(home?.cidr.prefixLength ?? 24)),
        ])
    }

    private func network(_ network: PodNetwork) -> YAMLText {
        let vlan: YAMLText =
            switch (network.vlan, network.lastVLAN) {
            case (let first?, let last?): .text("\(first)-\(last)")
            case (let tag?, nil): .number(tag)
            case (nil, _): .text("native")
            }
        let fields: [YAMLText.Field?] = [
            .init("interface", .number(NICPosition(network.interface)?.number ?? 0)), .init("vlan", vlan),
            .init("network", .described(network.cidr.base)),
            .init("mask", .number(network.cidr.prefixLength)),
            .init("ip-range", .text(network.range.hyphenated)),
            .init("gateway", network.gateway.map { .described($0) }),
        ]
        return .map(fields.compactMap(\.self))
    }
}
