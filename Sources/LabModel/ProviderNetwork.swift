/// A physical network that an engine's cloud hands on to its guests: a bridge on one NIC.
package struct ProviderNetwork: Hashable, Sendable, Codable {
    /// The bridge: `br-provider`.
    package var bridge: String
    /// What the cloud calls it: `physnet`.
    package var name: String
    /// The NIC position or bond; nil when the engine makes the interface itself.
    package var interface: String?
    package var roles: [String]

    package init(bridge: String, name: String, interface: String?, roles: [String]) {
        (self.bridge, self.name, self.interface, self.roles) = (bridge, name, interface, roles)
    }
}

/// How the nodes of some roles, or some nodes, are attached to a network.
package struct NetworkAttachment: Hashable, Sendable, Codable {
    package var roles: [String]
    /// Nodes by name; nil where roles decide.
    package var nodes: [String]?
    package var interface: String
    package var vlan: Int?
    /// The engine's word for it: `normal`, `vlan`, `ovs`, `dpdk`.
    package var kind: String

    package init(roles: [String], nodes: [String]? = nil, interface: String, vlan: Int?, kind: String) {
        (self.roles, self.nodes) = (roles, nodes)
        (self.interface, self.vlan, self.kind) = (interface, vlan, kind)
    }

    /// Whether it is how the node is attached.
    package func holds(for node: Node) -> Bool {
        if let nodes { return nodes.contains(node.name) }
        return roles.isEmpty || roles.contains { node.roles.contains($0) }
    }
}
