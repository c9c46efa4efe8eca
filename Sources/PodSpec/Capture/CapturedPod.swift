import LabModel

/// A pod put together from what somebody's deployment says, and what had to be assumed.
package struct CapturedPod: Sendable {
    package var pod: Pod
    package var items: [ConversionItem]
    /// Problems in the files that it was read from.
    package var diagnostics: [Diagnostic]

    /// For the files that are written: where it is from, and every assumption.
    package func header(from source: String) -> [String] {
        ["Captured from \(source)."] + items.map(\.description)
    }

    /// A pod as a lab has racked it: MACs too that vlab made up, so that it is the same wherever it is racked again.
    ///
    /// What was `seen` in the lab while it runs takes the place of what its files say.
    package init(racked pod: Pod, seen: SeenAddresses = SeenAddresses()) {
        var pod = pod
        for node in pod.nodes.indices {
            for nic in pod.nodes[node].nics.indices { pod.nodes[node].nics[nic].isDerived = false }
        }
        items = seen.correct(&pod)
        (self.pod, diagnostics) = (pod, [])
    }

    init(_ sketch: PodSketch, diagnostics: [Diagnostic]) {
        var sketch = sketch
        pod = sketch.pod()
        (items, self.diagnostics) = (sketch.items, diagnostics)
    }
}

/// What a deployment's own configuration says of its machines: interfaces by their use, and some addresses.
struct PodSketch {
    /// What an interface is used for; the order is that of the switches.
    enum Use: String, CaseIterable { case mgmt, external, tenant, storage, api }

    struct Host {
        var name: String
        var roles: [String]
        /// What the operating system calls them.
        var interfaces: [Use: String] = [:]
        var addresses: [Use: IPv4Address] = [:]
        var bmc: BMCAccess?
    }

    struct Provider {
        var use: Use
        var bridge: String
        var name: String
        var roles: [String]
    }

    var name: String
    var hosts: [Host]
    var cidrs: [Use: IPv4Network] = [:]
    var gateways: [Use: IPv4Address] = [:]
    var virtualAddresses: [(name: String, address: IPv4Address)] = []
    var providers: [Provider] = []
    private(set) var items: [ConversionItem] = []

    init(name: String, hosts: [Host]) { (self.name, self.hosts) = (name, hosts) }

    mutating func assume(_ subject: String, _ property: String?, _ after: String, _ reason: String) {
        items.append(ConversionItem(.assumed, subject, property, after: after, reason: reason))
    }

    mutating func lose(_ subject: String, _ property: String?, _ before: String?, _ reason: String) {
        items.append(ConversionItem(.lost, subject, property, before: before, reason: reason))
    }

    // MARK: - The pod

    /// An interface's name taken apart: the port that it is on, and its tag.
    private struct Port: Hashable {
        var base: String
        var vlan: Int?

        /// `eth2.101` is VLAN 101 on `eth2`.
        init(_ interface: String) {
            let parts = interface.split(separator: ".", omittingEmptySubsequences: false)
            if parts.count == 2, let tag = Int(parts[1]), (1...4094).contains(tag) {
                (base, vlan) = (String(parts[0]), tag)
            } else {
                (base, vlan) = (interface, nil)
            }
        }
    }

    /// One network: the uses that share an interface on every host.
    private struct Wire {
        var uses: [Use]
        var ports: [String: Port]
        var use: Use { uses[0] }
    }

    mutating func pod() -> Pod {
        let wires = wires()
        let positions = positions(of: wires)
        var networks: [PodNetwork] = []
        for (index, wire) in wires.enumerated() { networks.append(network(wire, on: positions[index])) }
        let count = (positions.max() ?? 0) + 1
        let nodes = hosts.map { host in
            let identity = DerivedIdentity(pod: name, node: host.name)
            return Node(
                name: host.name,
                roles: host.roles,
                nics: (0..<count).compactMap { position in
                    identity.mac(of: "eth\(position)", avoiding: []).map {
                        NIC(name: "eth\(position)", mac: $0, isDerived: true)
                    }
                },
                bmc: host.bmc,
                uuid: identity.uuid,
                serial: identity.serial
            )
        }
        var pod = Pod(name: name, nodes: nodes, networks: networks, bootNetwork: networks.first?.name)
        placeVirtualAddresses(in: &pod)
        bootFromFirst(&pod)
        giveBMCs(&pod)
        for provider in providers {
            guard let index = wires.firstIndex(where: { $0.uses.contains(provider.use) }) else { continue }
            let network = ProviderNetwork(
                bridge: provider.bridge,
                name: provider.name,
                interface: "eth\(positions[index])",
                roles: provider.roles
            )
            pod.providerNetworks.append(network)
        }
        return pod
    }

    private func wires() -> [Wire] {
        var wires: [Wire] = []
        for use in Use.allCases {
            let ports = Dictionary(
                hosts.compactMap { host in host.interfaces[use].map { (host.name, Port($0)) } }
            ) { first, _ in first }
            guard !ports.isEmpty else { continue }
            let same = wires.firstIndex { wire in ports.allSatisfy { wire.ports[$0.key] == $0.value } }
            if let same {
                wires[same].uses.append(use)
            } else {
                wires.append(Wire(uses: [use], ports: ports))
            }
        }
        return wires
    }

    /// A switch for each port: `eth3` is the fourth where all call it so; other names come in their order.
    private mutating func positions(of wires: [Wire]) -> [Int] {
        var known: [[String: String]] = []
        var found: [Int] = []
        for wire in wires {
            let bases = wire.ports.mapValues(\.base)
            if let same = known.firstIndex(where: { other in bases.allSatisfy { other[$0.key] == $0.value } })
            {
                found.append(same)
            } else {
                found.append(known.count)
                known.append(bases)
            }
        }
        for (position, bases) in known.enumerated() {
            let names = Set(bases.values).sorted()
            guard names != ["eth\(position)"] else { continue }
            let bond = names.contains { $0.hasPrefix("bond") || $0.hasPrefix("team") }
            assume(
                "eth\(position)",
                nil,
                "stands for \(names.joined(separator: ", "))",
                bond
                    ? "ports of a bond are not known; one NIC takes its place"
                    : "positions are numbered through"
            )
        }
        return found
    }

    private mutating func network(_ wire: Wire, on position: Int) -> PodNetwork {
        let name = wire.use.rawValue
        let subject = "network \(name)"
        if wire.uses.count > 1 {
            let others = wire.uses.dropFirst().map(\.rawValue).joined(separator: " and ")
            assume(subject, "serves", "\(others) too", "they have the same interface")
        }
        let tags = Set(wire.ports.values.map(\.vlan))
        if tags.count > 1 {
            assume(subject, "VLAN", "that of \(hosts[0].name)", "the hosts have different ones")
        }
        let given = wire.uses.compactMap { use in
            self.hosts.compactMap { $0.addresses[use] }.first.map { _ in use }
        }.first
        let addresses = Dictionary(
            hosts.compactMap { host in given.flatMap { host.addresses[$0] }.map { (host.name, $0) } }
        ) { first, _ in first }
        let cidr = cidr(of: wire, holding: Array(addresses.values))
        let range = range(in: cidr, holding: Array(addresses.values), subject)
        let missing = hosts.filter { addresses[$0.name] == nil }
        if let first = missing.first {
            let more = missing.count > 1 ? " and \(missing.count - 1) more" : ""
            assume(
                subject,
                "addresses of \(first.name)\(more)",
                "the next ones of \(range)",
                "none are given"
            )
        }
        var all = addresses
        var free = (0..<range.count).lazy.compactMap { range[$0] }.filter { !addresses.values.contains($0) }
            .makeIterator()
        for host in missing { all[host.name] = free.next() }
        return PodNetwork(
            name: name,
            interface: "eth\(position)",
            vlan: hosts.compactMap { wire.ports[$0.name] }.first?.vlan,
            cidr: cidr,
            gateway: wire.uses.compactMap { self.gateways[$0] }.first,
            range: range,
            addresses: all
        )
    }

    /// What is said, else a /24 around the addresses, or a network as large as they need.
    private mutating func cidr(of wire: Wire, holding addresses: [IPv4Address]) -> IPv4Network {
        if let said = wire.uses.compactMap({ self.cidrs[$0] }).first { return said }
        let subject = "network \(wire.use.rawValue)"
        guard let first = addresses.first else {
            let number = (Use.allCases.firstIndex(of: wire.use) ?? 0) + 20
            let cidr = IPv4Network(
                containing: IPv4Address(bits: 0x0A00_0000 | UInt32(number) << 16),
                prefixLength: 24
            )
            assume(subject, "addresses", "\(cidr)", "none are given")
            return cidr
        }
        let vips = virtualAddresses.map(\.address)
        var cidr = IPv4Network(containing: first, prefixLength: 24)
        for length in (8...24).reversed() {
            cidr = IPv4Network(containing: first, prefixLength: length)
            if addresses.allSatisfy({ cidr.contains($0) }) { break }
        }
        let outside = vips.contains { !cidr.contains($0) }
        assume(
            subject,
            "netmask",
            "\(cidr)",
            outside ? "it holds the hosts' addresses" : "it holds all addresses"
        )
        return cidr
    }

    private func range(in cidr: IPv4Network, holding addresses: [IPv4Address], _ subject: String) -> IPv4Range
    {
        let first = addresses.min() ?? cidr.base.advanced(by: 50) ?? cidr.base
        let needed = first.advanced(by: UInt32(hosts.count - 1)) ?? first
        let last = max(addresses.max() ?? needed, addresses.count < hosts.count ? needed : first)
        return IPv4Range(first: first, last: min(last, cidr.broadcast)) ?? IPv4Range(only: first)
    }

    // MARK: - What every pod has

    private mutating func placeVirtualAddresses(in pod: inout Pod) {
        for vip in virtualAddresses {
            guard let network = pod.networks.first(where: { $0.cidr.contains(vip.address) }) else {
                lose("address \(vip.name)", nil, "\(vip.address)", "it is on no network of the pod")
                continue
            }
            pod.virtualAddresses.append(
                VirtualAddress(
                    name: vip.name,
                    address: vip.address,
                    prefixLength: network.cidr.prefixLength,
                    network: network.name
                )
            )
        }
    }

    private mutating func bootFromFirst(_ pod: inout Pod) {
        guard let first = pod.networks.first(where: { $0.vlan == nil }),
            let index = pod.networks.firstIndex(where: { $0.name == first.name })
        else {
            pod.bootNetwork = nil
            lose("pod", "boots from", nil, "every network is tagged, and a NIC boots untagged")
            return
        }
        pod.bootNetwork = first.name
        let free = FreeAddresses(in: pod)
        if first.gateway == nil, let gateway = free.first(in: first) {
            pod.networks[index].gateway = gateway
            assume("network \(first.name)", "gateway", "\(gateway)", "nodes are installed from the jump host")
        }
        if let leases = FreeAddresses(in: pod).run(of: max(20, hosts.count), in: pod.networks[index]) {
            pod.networks[index].dhcpRange = leases
            assume("network \(first.name)", "DHCP", "\(leases)", "nodes boot with it")
        }
    }

    private mutating func giveBMCs(_ pod: inout Pod) {
        let without = pod.nodes.indices.filter { pod.nodes[$0].bmc == nil }
        guard !without.isEmpty,
            let network = pod.networks.first(where: { $0.name == pod.bootNetwork }) ?? pod.networks.first,
            let run = FreeAddresses(in: pod).run(of: without.count, in: network, from: 201)
                ?? FreeAddresses(in: pod).run(of: without.count, in: network),
            run.count >= without.count
        else { return }
        for (offset, index) in without.enumerated() {
            guard let address = run[offset] else { continue }
            pod.nodes[index].bmc = BMCAccess(address: address, user: "root", password: "admin")
        }
        assume(
            "nodes",
            "BMCs",
            "from \(run.first) on, root with admin",
            "no BMC is given for \(without.count) of them"
        )
    }
}

extension IPv4Range {
    /// One address alone.
    init(only address: IPv4Address) {
        // A range from an address to itself is never empty.
        self = IPv4Range(first: address, last: address) ?? IPv4Range(only: IPv4Address(bits: 0))
    }
}
