import LabModel

/// A bond as its switch sees it: ports that are one link.
package struct BondPlan: Sendable, Hashable, Codable {
    package struct Port: Sendable, Hashable, Codable {
        package var nic: String
        /// What the switch calls it.
        package var name: String
    }

    package var node: String
    package var name: String
    package var ports: [Port]
    /// Nil for a bond whose switch is told of it and asks nothing.
    package var lacp: Bond.LACPRate?

    /// The bonds that need something of the switch; the other modes work with any switch, each port by itself.
    static func all(of pod: Pod) -> [BondPlan] {
        pod.bonds.flatMap { bond -> [BondPlan] in
            let rate: Bond.LACPRate?
            switch bond.mode {
            case .lacp: rate = bond.lacpRate ?? .slow
            case .balanceRR, .balanceXOR, .broadcast: rate = nil
            case .activeBackup, .balanceTLB, .balanceALB: return []
            }
            return pod.nodes.filter { bond.nodes.contains($0.name) }.map { node in
                let ports = bond.ports.filter { node.nic(named: $0) != nil }.map {
                    Port(nic: $0, name: pod.portName(of: node.name, $0))
                }
                return BondPlan(node: node.name, name: bond.name, ports: ports, lacp: rate)
            }
        }
    }
}
