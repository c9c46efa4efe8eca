/// Where one node is plugged into a network.
package struct NetworkPort: Hashable, Sendable {
    /// The NIC position; of a bond its first port.
    package var nic: String
    package var bond: String?
    /// Nil when untagged.
    package var vlan: Int?

    package init(nic: String, bond: String? = nil, vlan: Int? = nil) {
        (self.nic, self.bond, self.vlan) = (nic, bond, vlan)
    }

    /// What carries the tags, if there are any: `eth2`, `bond1`.
    package var carrier: String { bond ?? nic }
    /// What the guest calls the interface: `eth0`, `eth2.101`, `bond1`.
    package var guestInterface: String { vlan.map { "\(carrier).\($0)" } ?? carrier }
}

extension Pod {
    /// How a node is attached to a network, as its role or itself is, else as the network's nodes are; nil without the NIC.
    ///
    /// A NIC that is a port of one of the node's bonds carries nothing by itself: the bond does.
    package func port(of node: Node, on network: PodNetwork) -> NetworkPort? {
        let own = network.attachments.first { $0.holds(for: node) }
        let (nic, vlan) = own.map { ($0.interface, $0.vlan) } ?? (network.interface, network.vlan)
        guard node.nic(named: nic) != nil else { return nil }
        return NetworkPort(nic: nic, bond: bond(of: node, on: nic)?.name, vlan: vlan)
    }

    /// The bond of a node that a NIC is a port of.
    package func bond(of node: Node, on nic: String) -> Bond? {
        bonds.first { $0.nodes.contains(node.name) && $0.ports.contains(nic) }
    }
}
