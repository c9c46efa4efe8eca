import LabModel

/// What a lab's sandbox contains: the switches and the jump host's addresses on them.
package struct SandboxPlan: Sendable, Hashable, Codable {
    /// A switch: one bridge for each physical NIC position.
    package struct Switch: Sendable, Hashable, Codable {
        package var name: String
        /// The jump host's addresses on it, with prefix length.
        package var addresses: [String]
    }

    package var hostname: String
    package var switches: [Switch]
    /// Addresses that belong to no network of the pod (a BMC of a management LAN the pod files do not describe).
    package var loose: [String]

    /// The jump host has each untagged network's gateway address, and each BMC answers on the network that holds its address.
    package init(pod: Pod) throws(SandboxError) {
        hostname = "\(pod.name)-jump"
        switches = pod.switches.map { Switch(name: $0, addresses: []) }
        loose = []
        for network in pod.networks {
            guard let gateway = network.gateway else { continue }
            guard network.vlan == nil else {
                throw .unsupported(
                    "network \(network.name): its gateway \(gateway) is on VLAN \(network.vlan ?? 0), "
                        + "which the jump host cannot reach yet; leave out the gateway or the tag"
                )
            }
            add("\(gateway)/\(network.cidr.prefixLength)", to: network.interface)
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

    private mutating func add(_ address: String, to name: String) {
        guard let index = switches.firstIndex(where: { $0.name == name }) else { return }
        switches[index].addresses.append(address)
    }
}
