import LabModel

/// What a lab's sandbox contains: the switches and the jump host's addresses on them.
package struct SandboxPlan: Sendable, Hashable, Codable {
    /// A switch: one bridge for each physical NIC position.
    package struct Switch: Sendable, Hashable, Codable {
        package var name: String
        /// The jump host's addresses on it, with prefix length.
        package var addresses: [String]
        /// Its addresses of IPv6 there: nodes that want IPv6 have theirs in the same network, and this one as router.
        package var addressesOfIPv6: [String] = []
    }

    package var hostname: String
    package var switches: [Switch]
    /// Addresses that belong to no network of the pod (a BMC of a management LAN the pod files do not describe).
    package var loose: [String]
    /// Networks of the pod that the jump host is not in: nobody outside has their addresses either.
    package var elsewhere: [String]

    /// The jump host has each untagged network's gateway address, and each BMC answers on the network that holds its address.
    package init(pod: Pod) throws(SandboxError) {
        hostname = "\(pod.name)-jump"
        switches = pod.switches.map { Switch(name: $0, addresses: []) }
        loose = []
        elsewhere = pod.networks.filter { $0.gateway == nil }.map { "\($0.cidr)" }
        elsewhere += pod.virtualAddresses.map(\.address)
            .filter { address in !pod.networks.contains { $0.cidr.contains(address) } }.map { "\($0)/32" }
        for (index, network) in pod.networks.enumerated() {
            guard let gateway = network.gateway else { continue }
            guard network.vlan == nil else {
                throw .unsupported(
                    "network \(network.name): its gateway \(gateway) is on VLAN \(network.vlan ?? 0), "
                        + "which the jump host cannot reach yet; leave out the gateway or the tag"
                )
            }
            add("\(gateway)/\(network.cidr.prefixLength)", to: network.interface)
            if let home = switches.firstIndex(where: { $0.name == network.interface }) {
                switches[home].addressesOfIPv6.append("\(Self.router(index + 1))/64")
            }
        }
        for bmc in pod.nodes.compactMap(\.bmc) {
            let home = pod.networks.first { $0.vlan == nil && $0.cidr.contains(bmc.address) }
            if let home {
                add("\(bmc.address)/32", to: home.interface)
            } else {
                loose.append("\(bmc.address)/32")
            }
        }
    }

    /// The jump host's address of IPv6 in the pod's nth network, of which the first 65,535 have one: 2001:2:0:1::1.
    private static func router(_ number: Int) -> IPv6Address {
        IPv6Address(bits: 0x2001_0002 << 96 | UInt128(UInt16(truncatingIfNeeded: number)) << 64 | 1)
    }

    private mutating func add(_ address: String, to name: String) {
        guard let index = switches.firstIndex(where: { $0.name == name }) else { return }
        switches[index].addresses.append(address)
    }
}
