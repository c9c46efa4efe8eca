import LabModel

/// What a lab's sandbox contains: the switches, the jump host's addresses on them, and the bonds that end at them.
package struct SandboxPlan: Sendable, Hashable, Codable {
    /// A switch: one bridge for each broadcast domain.
    package struct Switch: Sendable, Hashable, Codable {
        package var name: String
        /// The jump host's addresses on it, with prefix length.
        package var addresses: [String]
        /// Its addresses of IPv6 there: nodes that want IPv6 have theirs in the same network, and this one as router.
        package var addressesOfIPv6: [String] = []
        /// The largest packet, where a bond of its asks for more than usual.
        package var mtu: Int?
    }

    /// An interface of the jump host on one VLAN of a switch.
    package struct TaggedInterface: Sendable, Hashable, Codable {
        package var vlan: Int
        /// The switch's name.
        package var on: String
        package var addresses: [String] = []
        package var addressesOfIPv6: [String] = []
        /// `eth2.101`.
        package var name: String { "\(on).\(vlan)" }
    }

    package var hostname: String
    package var switches: [Switch]
    package var tagged: [TaggedInterface]
    /// Addresses that belong to no network of the pod (a BMC of a management LAN the pod files do not describe).
    package var loose: [String]
    /// Networks of the pod that the jump host is not in: nobody outside has their addresses either.
    package var elsewhere: [String]
    package var bonds: [BondPlan]

    /// The jump host has each network's gateway address, and each BMC answers on the network that holds its address.
    package init(pod: Pod) {
        hostname = "\(pod.name)-jump"
        let wired = pod.switches
        switches = wired.map { item in
            let mtu = pod.bonds.filter { bond in
                item.ports.contains { bond.nodes.contains($0.node) && bond.ports.contains($0.nic) }
            }.compactMap(\.mtu).max()
            return Switch(name: item.name, addresses: [], mtu: mtu)
        }
        (tagged, loose, bonds) = ([], [], BondPlan.all(of: pod))
        elsewhere = pod.networks.filter { pod.jumpHost(on: $0) == nil }.map { "\($0.cidr)" }
        elsewhere += pod.virtualAddresses.map(\.address)
            .filter { address in !pod.networks.contains { $0.cidr.contains(address) } }.map { "\($0)/32" }
        // Two networks may have the same addresses; a route is there once.
        elsewhere = Array(Set(elsewhere)).sorted()
        for (index, network) in pod.networks.enumerated() {
            guard let gateway = pod.jumpHost(on: network) else { continue }
            add(
                "\(gateway)/\(network.cidr.prefixLength)",
                network,
                pod.home(of: network, among: wired),
                ofIPv6: "\(Self.router(index + 1))/64"
            )
        }
        for bmc in pod.nodes.compactMap(\.bmc) {
            if let home = Self.network(holding: bmc.address, in: pod) {
                add("\(bmc.address)/32", home, pod.home(of: home, among: wired))
            } else {
                loose.append("\(bmc.address)/32")
            }
        }
    }

    /// The jump host's address of IPv6 in the pod's nth network, of which the first 65,535 have one: 2001:2:0:1::1.
    private static func router(_ number: Int) -> IPv6Address {
        IPv6Address(bits: 0x2001_0002 << 96 | UInt128(UInt16(truncatingIfNeeded: number)) << 64 | 1)
    }

    private static func network(holding address: IPv4Address, in pod: Pod) -> PodNetwork? {
        let homes = pod.networks.filter { $0.cidr.contains(address) }
        return homes.first { $0.vlan == nil } ?? homes.first
    }

    /// The jump host's interface on the network that an address is of; `lo` for an address of none.
    package static func interface(for address: IPv4Address, in pod: Pod) -> String {
        guard let network = network(holding: address, in: pod),
            let home = pod.home(of: network, among: pod.switches)
        else { return "lo" }
        let plan = SandboxPlan(pod: pod)
        guard let vlan = network.vlan else { return home.name }
        // A VLAN on which the jump host has nothing else has no interface.
        return plan.tagged.first { $0.on == home.name && $0.vlan == vlan }?.name ?? "lo"
    }

    /// Gives the jump host addresses on a network: one of IPv4, and of IPv6 where it is a router there.
    private mutating func add(
        _ address: String,
        _ network: PodNetwork,
        _ home: LabModel.Switch?,
        ofIPv6: String? = nil
    ) {
        guard let name = home?.name else { return loose.append(address) }
        let more = ofIPv6.map { [$0] } ?? []
        guard let vlan = network.vlan else {
            if let index = switches.firstIndex(where: { $0.name == name }) {
                switches[index].addresses.append(address)
                switches[index].addressesOfIPv6 += more
            }
            return
        }
        let known = tagged.firstIndex { $0.on == name && $0.vlan == vlan }
        if known == nil { tagged.append(TaggedInterface(vlan: vlan, on: name)) }
        let index = known ?? tagged.endIndex - 1
        tagged[index].addresses.append(address)
        tagged[index].addressesOfIPv6 += more
    }
}
