import LabModel
import YAML

/// The pod that a `pod.yml` describes: what it leaves out is derived, so that two nodes and a network are enough.
///
/// A network is on the first NIC that no other one is on. Nodes boot from the first untagged network. That has the
/// jump host as gateway at its first address, addresses for DHCP from the tenth on, for the nodes from the fiftieth
/// on, and for the BMCs from the two hundred and first on, all further on where there are more nodes than fit.
struct OwnDerivation {
    let file: OwnFile
    let name: String

    /// The places in a network, counted from its base, of what is derived.
    private struct Plan {
        var dhcp: ClosedRange<Int>
        var nodes: ClosedRange<Int>
        var firstBMC: Int

        /// Roomy where the network is; close together in a small one; nil where it does not hold the nodes at all.
        init?(_ cidr: IPv4Network, nodes count: Int) {
            let size = Int(cidr.broadcast.bits) - Int(cidr.base.bits) + 1
            let (leases, hosts) = (max(40, count), max(50, count))
            if 10 + leases + hosts < size {
                (dhcp, nodes) = (10...(9 + leases), (10 + leases)...(9 + leases + hosts))
                firstBMC = max(201, nodes.upperBound + 1)
            } else if 2 + 2 * count < size, count > 0 {
                (dhcp, nodes) = (2...(1 + count), (2 + count)...(1 + 2 * count))
                firstBMC = nodes.upperBound + 1
            } else {
                return nil
            }
        }
    }

    func pod(_ sizes: LabFile?, _ reader: inout YAMLReader) -> Pod {
        let boot = bootNetwork(&reader)
        let networks = podNetworks(boot: boot, &reader)
        let bonds = file.bonds.map { bond in
            Bond(
                name: bond.name.value,
                nodes: bond.nodes?.map(\.value) ?? file.nodes.map(\.name.value),
                ports: bond.ports.map(\.value),
                mode: bond.mode,
                mtu: bond.mtu,
                lacpRate: bond.lacpRate,
                miimon: bond.miimon,
                hashPolicy: bond.hashPolicy
            )
        }
        let providers = file.providers.map { provider in
            ProviderNetwork(
                bridge: provider.bridge,
                name: provider.name.value,
                interface: provider.interface?.value,
                roles: provider.roles
            )
        }
        let used =
            networks.map(\.interface) + networks.flatMap { $0.attachments.map(\.interface) }
            + providers.compactMap { $0.interface.flatMap { NICPosition($0) == nil ? nil : $0 } }
        return Pod(
            name: name,
            nodes: nodes(
                on: used,
                bonds,
                boot.flatMap { boot in networks.first { $0.name == boot } },
                sizes,
                &reader
            ),
            networks: networks,
            virtualAddresses: virtualAddresses(networks),
            bonds: bonds,
            providerNetworks: providers,
            bootNetwork: boot,
            lab: sizes?.settings
        )
    }

    // MARK: - Networks

    private func bootNetwork(_ reader: inout YAMLReader) -> String? {
        guard let boot = file.boot else {
            return file.bootsFromNone ? nil : file.networks.first { $0.vlans == nil }?.name.value
        }
        if let network = file.networks.first(where: { $0.name.value == boot.value }) {
            if network.vlans != nil {
                reader.error(
                    .bootTagged,
                    "nodes boot from \(boot.value), which is tagged: a NIC boots untagged",
                    at: boot.position,
                    hint: "boot from an untagged network"
                )
            }
        } else if !file.networkNames.contains(boot.value) {
            let hint = Suggestion.hint(for: boot.value, among: file.networkNames, "network")
            reader.error(.bootUnknown, "unknown network “\(boot.value)”", at: boot.position, hint: hint)
        }
        return boot.value
    }

    private func podNetworks(boot: String?, _ reader: inout YAMLReader) -> [PodNetwork] {
        var taken = Set(file.networks.compactMap { if case .nic(let nic) = $0.carrier { nic } else { nil } })
        taken.formUnion(file.bonds.flatMap { $0.ports.map(\.value) })
        return file.networks.compactMap { network in
            let interface: String
            switch network.carrier {
            case .nic(let nic): interface = nic
            case .bond(let name):
                let bond = file.bonds.first { $0.name.value == name }
                if bond == nil {
                    reader.error(
                        .nicUnknown,
                        "network \(network.name.value) is on \(name), which is no bond",
                        at: network.carrierPosition,
                        hint: Suggestion.hint(for: name, among: file.bonds.map(\.name.value), "bond")
                    )
                }
                guard let port = bond?.ports.first else { return nil }
                interface = port.value
            case .derived:
                let free = (0...NICPosition.last).map { "eth\($0)" }.first { !taken.contains($0) }
                guard let free else {
                    reader.error(
                        .nicUnknown,
                        "no NIC is left for \(network.name.value)",
                        at: network.name.position,
                        hint: "give it the nic of another network, and a vlan"
                    )
                    return nil
                }
                taken.insert(free)
                interface = free
            }
            return podNetwork(network, on: interface, isBoot: network.name.value == boot, &reader)
        }
    }

    private func podNetwork(
        _ network: OwnNetwork,
        on interface: String,
        isBoot: Bool,
        _ reader: inout YAMLReader
    ) -> PodNetwork? {
        let cidr = network.cidr.value
        let plan = Plan(cidr, nodes: file.nodes.count)
        guard let range = network.range?.value ?? plan.flatMap({ Self.range($0.nodes, in: cidr) }) else {
            reader.error(
                .rangeShort,
                "\(cidr) is too small for what \(file.nodes.count) nodes need",
                at: network.cidr.position,
                hint: "take a larger network, or give it a range"
            )
            return nil
        }
        let gateway: IPv4Address? =
            switch network.gateway {
            case .written(let address): address.value
            case .derived: isBoot ? cidr.base.advanced(by: 1) : nil
            case .none: nil
            }
        let dhcp: IPv4Range? =
            switch network.dhcp {
            case .written(let range): range.value
            // Beside a range that is written, it takes what that leaves free.
            case .derived:
                isBoot
                    ? plan.flatMap { Self.range($0.dhcp, in: cidr) }.flatMap { $0.overlaps(range) ? nil : $0 }
                    : nil
            case .none: nil
            }
        if isBoot, case .derived = network.dhcp, dhcp == nil {
            reader.error(
                .rangesOverlap,
                "no addresses are left for DHCP beside the range of \(network.name.value)",
                at: network.range?.position ?? network.cidr.position,
                hint: "give it dhcp, or “dhcp: none”"
            )
        }
        var bond: String?
        if case .bond(let name) = network.carrier { bond = name }
        let attachments = network.attachments.map { one in
            NetworkAttachment(
                roles: one.roles,
                nodes: one.nodes,
                interface: one.nic.value,
                vlan: one.vlan,
                kind: one.kind
            )
        }
        return PodNetwork(
            name: network.name.value,
            interface: interface,
            vlan: network.vlans?.lowerBound,
            cidr: cidr,
            gateway: gateway,
            range: range,
            dhcpRange: dhcp,
            addresses: Dictionary(network.addresses.map { ($0.node.value, $0.address.value) }) { first, _ in
                first
            },
            bond: bond,
            lastVLAN: network.vlans.flatMap { $0.count > 1 ? $0.upperBound : nil },
            attachments: attachments
        )
    }

    private static func range(_ places: ClosedRange<Int>, in cidr: IPv4Network) -> IPv4Range? {
        let ends = [places.lowerBound, places.upperBound].compactMap { cidr.base.advanced(by: UInt32($0)) }
        return ends.count == 2 ? IPv4Range(first: ends[0], last: ends[1]) : nil
    }

    private func virtualAddresses(_ networks: [PodNetwork]) -> [VirtualAddress] {
        file.virtualAddresses.compactMap { vip in
            // A network that is not there, or not told, is reported where addresses are checked.
            let home = networks.first { network in
                vip.network.map { $0.value == network.name } ?? network.cidr.contains(vip.address.value)
            }
            guard let network = home else { return nil }
            return VirtualAddress(
                name: vip.name.value,
                address: vip.address.value,
                prefixLength: vip.prefixLength ?? network.cidr.prefixLength,
                network: network.name
            )
        }
    }

    // MARK: - Nodes

    private func nodes(
        on used: [String],
        _ bonds: [Bond],
        _ boot: PodNetwork?,
        _ sizes: LabFile?,
        _ reader: inout YAMLReader
    ) -> [Node] {
        var taken = Set(file.nodes.flatMap { $0.nics.compactMap { $0.mac?.value } })
        let bmcs = derivedBMCs(boot, &reader)
        return file.nodes.enumerated().map { index, node in
            let name = node.name.value
            let identity = DerivedIdentity(pod: self.name, node: name)
            let ports = bonds.filter { $0.nodes.contains(name) }.flatMap(\.ports)
            let wanted = Set(used + ports + node.nics.map(\.name.value))
            let nics = wanted.sorted { ($0.count, $0) < ($1.count, $1) }.compactMap { label -> NIC? in
                if let mac = node.nics.first(where: { $0.name.value == label })?.mac?.value {
                    return NIC(name: label, mac: mac)
                }
                return identity.mac(of: label, avoiding: taken).map { mac in
                    taken.insert(mac)
                    return NIC(name: label, mac: mac, isDerived: true)
                }
            }
            var racked = Node(
                name: name,
                roles: node.roles.map(\.value),
                nics: nics,
                bmc: access(of: node, bmcs.flatMap { $0.advanced(by: UInt32(index)) }),
                uuid: identity.uuid,
                serial: identity.serial,
                hardware: node.hardware
            )
            racked.takeDisksOfHardware()
            sizes?.apply(to: &racked)
            return racked
        }
    }

    /// The first of the addresses that BMCs without one of their own have; nil when each has one, or none at all.
    private func derivedBMCs(_ boot: PodNetwork?, _ reader: inout YAMLReader) -> IPv4Address? {
        let isWanted = file.nodes.contains { if case .derived = $0.bmc { true } else { false } }
        guard isWanted, !file.bmc.hasNone else { return nil }
        if let first = file.bmc.first {
            if first.value.advanced(by: UInt32(file.nodes.count)) != nil { return first.value }
            reader.error(.addressOutside, "addresses end before the last node's BMC", at: first.position)
            return nil
        }
        let offset = boot.flatMap { boot in
            Plan(boot.cidr, nodes: file.nodes.count)?.firstBMC
        }
        let first = offset.flatMap { boot?.cidr.base.advanced(by: UInt32($0)) }
        let last = first?.advanced(by: UInt32(max(file.nodes.count, 1) - 1))
        if let boot, let first, let last, last < boot.cidr.broadcast,
            let range = IPv4Range(first: first, last: last),
            !range.overlaps(boot.range), boot.dhcpRange?.overlaps(range) != true
        {
            return first
        }
        // Where something else is wrong, this may only follow from it.
        guard reader.diagnostics.allSatisfy({ $0.severity != .error }) else { return nil }
        reader.error(
            .credentialsMissing,
            "the nodes' BMCs have no addresses, and none can be derived",
            at: file.start,
            hint: "add “bmc: {first: ADDRESS}” for the first node's, or “bmc: none”"
        )
        return nil
    }

    private func access(of node: OwnNode, _ derived: IPv4Address?) -> BMCAccess? {
        let defaults = file.bmc
        switch node.bmc {
        case .none: return nil
        case .derived:
            return derived.map {
                BMCAccess(
                    address: $0,
                    user: defaults.user,
                    password: defaults.password,
                    version: defaults.version
                )
            }
        case .written(let bmc):
            return BMCAccess(
                address: bmc.address.value,
                user: bmc.user ?? defaults.user,
                password: bmc.password ?? defaults.password,
                version: bmc.version ?? defaults.version,
                mac: bmc.mac?.value
            )
        }
    }
}

extension Node {
    /// The disks of the machine that is described, as far as they are disks to install on.
    mutating func takeDisksOfHardware() {
        let real = (hardware?.disks ?? []).filter { ["hdd", "ssd"].contains($0.kind) }
        if !real.isEmpty { disks = real.map(\.capacity) }
    }
}
