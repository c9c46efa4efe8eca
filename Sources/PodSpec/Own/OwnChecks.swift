import LabModel
import YAML

/// What can only be judged when a `pod.yml` is seen as the pod that it becomes.
struct OwnChecks {
    let file: OwnFile
    let pod: Pod

    func check(_ reader: inout YAMLReader) {
        checkNames(&reader)
        checkMACs(&reader)
        checkBonds(&reader)
        checkWires(&reader)
        for network in file.networks { check(network, &reader) }
        checkOverlaps(&reader)
        for vip in file.virtualAddresses { check(vip, &reader) }
        checkBMCs(&reader)
        checkMachines(&reader)
    }

    // MARK: - Nodes

    private func checkNames(_ reader: inout YAMLReader) {
        var names: Set<String> = []
        for node in file.nodes where !names.insert(node.name.value.lowercased()).inserted {
            reader.error(
                .hostTwice,
                "two nodes are named \(node.name.value.lowercased())",
                at: node.name.position,
                hint: "rename one"
            )
        }
    }

    private func checkMACs(_ reader: inout YAMLReader) {
        var owners: [MACAddress: String] = [:]
        for node in file.nodes {
            let name = node.name.value
            var all = node.nics.compactMap { nic in nic.mac.map { ("\(name) \(nic.name.value)", $0) } }
            if case .written(let bmc) = node.bmc, let mac = bmc.mac {
                all.append(("the BMC of \(name)", mac))
            }
            for (owner, mac) in all {
                guard let other = owners.updateValue(owner, forKey: mac.value) else { continue }
                reader.error(
                    .macTwice,
                    "\(owner) has the MAC \(mac.value) of \(other)",
                    at: mac.position,
                    hint: "each NIC has its own"
                )
            }
        }
    }

    /// A BMC shares its network with others and must not have their addresses.
    private func checkBMCs(_ reader: inout YAMLReader) {
        var owners: [IPv4Address: String] = [:]
        let taken = Dictionary(
            pod.networks.flatMap { network in
                pod.nodes.indices.compactMap { index in
                    pod.address(ofNodeAt: index, on: network).map {
                        ($0, "\(pod.nodes[index].name) on \(network.name)")
                    }
                } + (network.gateway.map { [($0, "the gateway of \(network.name)")] } ?? [])
            } + pod.virtualAddresses.map { ($0.address, $0.name) }
        ) { first, _ in first }
        for (node, racked) in zip(file.nodes, pod.nodes) {
            guard let address = racked.bmc?.address else { continue }
            var place = file.bmc.first?.position ?? node.name.position
            if case .written(let bmc) = node.bmc { place = bmc.address.position }
            if let other = owners.updateValue(racked.name, forKey: address) {
                reader.error(
                    .bmcTwice,
                    "\(racked.name) has the BMC address \(address) of \(other)",
                    at: place,
                    hint: "each BMC has its own"
                )
            }
            let leases = pod.networks.first { $0.dhcpRange?.contains(address) == true }
            guard let owner = taken[address] ?? leases.map({ "the addresses for DHCP of \($0.name)" }) else {
                continue
            }
            reader.error(
                .addressTaken,
                "the BMC of \(racked.name) has \(address), which belongs to \(owner)",
                at: place,
                hint: "take a free one"
            )
        }
    }

    private func checkMachines(_ reader: inout YAMLReader) {
        // Where one was to be and could not be read or derived, that is what is told.
        let without = pod.nodes.indices.filter { index in
            guard pod.nodes[index].bmc == nil else { return false }
            return if case .none = file.nodes[index].bmc { true } else { file.bmc.hasNone }
        }
        if let first = without.first {
            let more = without.count > 1 ? " and \(without.count - 1) more have" : " has"
            reader.note(
                .rackBMC,
                "\(pod.nodes[first].name)\(more) no BMC: an engine has no way to power it in the lab",
                at: file.nodes[first].name.position,
                hint: "use vlab power, or give it one"
            )
        }
        let described = zip(file.nodes, pod.nodes).compactMap { node, racked in
            racked.hardware.map { (node.name, $0) }
        }
        for (name, hardware) in described where hardware.architecture == "aarch64" {
            reader.note(
                .rackArchitecture,
                "\(name.value) is aarch64, and the lab's machines are x86_64",
                at: name.position,
                hint: "give the lab a pod of x86_64 nodes"
            )
        }
        guard let (first, hardware) = described.first else { return }
        if Set(described.map(\.1.architecture)).count > 1 {
            reader.note(
                .architecturesMixed,
                "the pod is hybrid: its nodes need images of two architectures",
                at: first.position
            )
        }
        reader.note(
            .rackSizes,
            "the lab's nodes are small, unlike \(first.value) with \(hardware.cpus * hardware.coresPerCPU) cores and \(hardware.memory) of memory",
            at: first.position,
            hint: "give other sizes in lab.yml"
        )
    }

    // MARK: - Wires

    private func checkBonds(_ reader: inout YAMLReader) {
        let names = Set(file.nodes.map(\.name.value))
        for (index, bond) in file.bonds.enumerated() {
            for node in bond.nodes ?? [] where !names.contains(node.value) {
                reader.error(
                    .bondHosts,
                    "there is no node “\(node.value)” to have \(bond.name.value)",
                    at: node.position,
                    hint: Suggestion.hint(for: node.value, among: names, "node")
                )
            }
            for other in file.bonds[..<index] {
                let areApart = bond.nodes.map { mine in
                    other.nodes.map { Set(mine.map(\.value)).isDisjoint(with: $0.map(\.value)) }
                        ?? mine.isEmpty
                }
                guard areApart != true else { continue }
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
    }

    private func checkWires(_ reader: inout YAMLReader) {
        let bonds = Set(file.bonds.map(\.name.value))
        var owners: [String: String] = [:]
        for bond in file.bonds { for port in bond.ports { owners[port.value] = bond.name.value } }
        var uses: [(what: String, on: String, at: YAMLNode.Position)] = []
        for network in file.networks {
            guard case .nic(let nic) = network.carrier else { continue }
            uses.append(("network \(network.name.value)", nic, network.carrierPosition))
        }
        for provider in file.providers {
            guard let on = provider.interface else { continue }
            uses.append(("the provider network \(provider.name.value)", on.value, on.position))
        }
        for use in uses {
            if NICPosition(use.on) == nil, !bonds.contains(use.on) {
                let hint = Suggestion.hint(for: use.on, among: bonds, "bond")
                reader.error(
                    .nicUnknown,
                    "\(use.what) is on \(use.on), which is no bond",
                    at: use.at,
                    hint: hint
                )
            } else if let bond = owners[use.on] {
                reader.error(
                    .bondSlaveUsed,
                    "\(use.what) is on \(use.on), a port of \(bond)",
                    at: use.at,
                    hint: "put it on \(bond)"
                )
            }
        }
        checkTags(&reader)
    }

    /// Two networks on one NIC are told apart by their tags.
    private func checkTags(_ reader: inout YAMLReader) {
        let places = Dictionary(file.networks.map { ($0.name.value, $0) }) { first, _ in first }
        for (index, network) in pod.networks.enumerated() {
            guard let written = places[network.name] else { continue }
            let clash = pod.networks[..<index].first {
                $0.interface == network.interface && $0.bond == network.bond
                    && places[$0.name].map { Self.clash($0, written) } == true
            }
            if let clash {
                let tag = written.vlans.map { "with VLAN \(InstallerFile.text($0))" } ?? "untagged"
                reader.error(
                    .vlanClash,
                    "\(network.name) is on \(network.bond ?? network.interface) \(tag), as \(clash.name) is",
                    at: written.carrierPosition,
                    hint: "give one of them another vlan or NIC"
                )
            }
        }
    }

    /// Whether some node has both, and cannot tell them apart.
    private static func clash(_ left: OwnNetwork, _ right: OwnNetwork) -> Bool {
        let roles = [left, right].map { Set($0.attachments.flatMap(\.roles)) }
        if roles.allSatisfy({ !$0.isEmpty }), roles[0].isDisjoint(with: roles[1]) { return false }
        guard let left = left.vlans, let right = right.vlans else {
            return left.vlans == nil && right.vlans == nil
        }
        return left.overlaps(right)
    }

    // MARK: - Addresses

    private func check(_ network: OwnNetwork, _ reader: inout YAMLReader) {
        let count = file.nodes.count
        guard let racked = pod.network(named: network.name.value) else { return }
        let place = network.range?.position ?? network.cidr.position
        if racked.range.count < count, network.addresses.count < count {
            reader.error(
                .rangeShort,
                "the range of \(racked.name) holds \(racked.range.count) addresses, the pod has \(count) nodes",
                at: place,
                hint: "lengthen the range"
            )
        }
        if let dhcp = racked.dhcpRange, let position = network.dhcp.written?.position {
            if dhcp.overlaps(racked.range) {
                reader.warning(
                    .rangesOverlap,
                    "dhcp \(dhcp) overlaps range \(racked.range)",
                    at: position,
                    hint: "two nodes may get one address"
                )
            }
            if dhcp.count < count {
                reader.warning(
                    .rangeShort,
                    "dhcp of \(racked.name) holds \(dhcp.count) addresses for \(count) nodes that boot at once",
                    at: position,
                    hint: "lengthen the range"
                )
            }
            if let gateway = racked.gateway, dhcp.contains(gateway) {
                reader.error(
                    .addressTaken,
                    "dhcp \(dhcp) holds the gateway \(gateway)",
                    at: position,
                    hint: "start the range after it"
                )
            }
        }
        checkNodeAddresses(racked, network, place, &reader)
    }

    /// Every address that a node will have must be one that a host can have, and nobody else's.
    private func checkNodeAddresses(
        _ racked: PodNetwork,
        _ network: OwnNetwork,
        _ place: YAMLNode.Position,
        _ reader: inout YAMLReader
    ) {
        let names = Set(pod.nodes.map(\.name))
        var places: [String: YAMLNode.Position] = [:]
        for (node, address) in network.addresses {
            places[node.value] = address.position
            guard !names.contains(node.value) else { continue }
            let hint = Suggestion.hint(for: node.value, among: names, "node")
            reader.error(.nodeUnknown, "there is no node “\(node.value)”", at: node.position, hint: hint)
        }
        let cidr = racked.cidr
        var owners: [IPv4Address: String] = [:]
        for (index, node) in pod.nodes.enumerated() {
            guard let address = pod.address(ofNodeAt: index, on: racked) else { continue }
            let position = places[node.name] ?? place
            if let other = owners.updateValue(node.name, forKey: address) {
                reader.error(
                    .addressTaken,
                    "\(node.name) has the address \(address) of \(other) on \(racked.name)",
                    at: position,
                    hint: "each node has its own"
                )
            } else if address == racked.gateway {
                reader.error(
                    .addressTaken,
                    "\(node.name) would get \(address), which is the gateway's",
                    at: position,
                    hint: "take another one"
                )
            } else if cidr.prefixLength < 31, address == cidr.base || address == cidr.broadcast {
                reader.error(
                    .rangeNoHost,
                    "\(node.name) would get \(address), which is not a host's in \(cidr)",
                    at: position,
                    hint: "take another one"
                )
            }
        }
    }

    private func checkOverlaps(_ reader: inout YAMLReader) {
        for (index, network) in file.networks.enumerated() {
            for other in file.networks[..<index] where network.cidr.value.overlaps(other.cidr.value) {
                reader.warning(
                    .networksOverlap,
                    "network \(network.name.value) (\(network.cidr.value)) overlaps \(other.name.value) (\(other.cidr.value))",
                    at: network.name.position,
                    hint: "nodes cannot tell which way to send"
                )
            }
        }
    }

    private func check(_ vip: OwnFile.VirtualAddress, _ reader: inout YAMLReader) {
        let address = vip.address.value
        guard let racked = pod.virtualAddresses.first(where: { $0.name == vip.name.value }),
            let network = pod.network(named: racked.network)
        else {
            let name = vip.network?.value
            guard name.map({ !file.networkNames.contains($0) }) ?? true else { return }
            reader.error(
                .vipNetwork,
                name.map { "unknown network “\($0)”" }
                    ?? "\(vip.name.value) \(address) is on no network of the pod",
                at: vip.network?.position ?? vip.address.position,
                hint: name.map { Suggestion.hint(for: $0, among: file.networkNames, "network") }
                    ?? "take an address of one"
            )
            return
        }
        let owner = pod.nodes.indices.first { pod.address(ofNodeAt: $0, on: network) == address }
        if !network.cidr.contains(address) {
            reader.error(
                .addressOutside,
                "\(racked.name) \(address) is outside of \(network.name) (\(network.cidr))",
                at: vip.address.position,
                hint: "take one inside"
            )
        } else if address == network.gateway || owner != nil || network.dhcpRange?.contains(address) == true {
            let whose =
                owner.map { "the address of \(pod.nodes[$0].name)" }
                ?? (address == network.gateway ? "the gateway of \(network.name)" : "one for DHCP")
            reader.error(
                .addressTaken,
                "\(racked.name) \(address) is \(whose)",
                at: vip.address.position,
                hint: "take a free one"
            )
        } else if network.range.contains(address) {
            reader.warning(
                .vipInRange,
                "\(racked.name) \(address) is inside the range of \(network.name) (\(network.range))",
                at: vip.address.position,
                hint: "a node added later would get it too"
            )
        }
    }
}
