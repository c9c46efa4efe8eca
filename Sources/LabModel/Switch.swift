/// A switch: the ports that are one broadcast domain, whatever the NICs that are plugged in are called.
package struct Switch: Hashable, Sendable {
    /// A socket of it, with a node's NIC plugged in.
    package struct Port: Hashable, Sendable {
        package var node: String
        package var nic: String
        package init(node: String, nic: String) { (self.node, self.nic) = (node, nic) }
    }

    /// The NIC position that most of its ports are at; `eth1b` for the second one at `eth1`.
    package var name: String
    /// In the order of nodes and NICs.
    package var ports: [Port]

    package init(name: String, ports: [Port]) { (self.name, self.ports) = (name, ports) }
}

extension Pod {
    /// The switches that the pod's wires need.
    ///
    /// Ports that share a network, or are of one bond, are on one switch. Beyond that the NICs at one position are, as
    /// they stand side by side in a rack, unless that would make one of two untagged networks.
    package var switches: [Switch] {
        var groups = PortGroups(self)
        for position in positions { groups.gather(at: position) }
        return groups.switches(at: positions)
    }

    /// What the switch calls its port: node and NIC where the kernel's 15 characters allow, else by number.
    package func portName(of node: String, _ nic: String) -> String {
        let name = "\(node)-\(nic)"
        // libvirt takes names that begin with vnet for its own.
        guard name.utf8.count > 15 || name.hasPrefix("vnet") else { return name }
        // No host name has an underscore, so that this is nobody else's.
        return "n_\(nodes.firstIndex { $0.name == node } ?? 0)-\(nic)"
    }

    /// The untagged networks of a switch; more than one of them cannot be told apart on it.
    package func untaggedNetworks(on ports: [Switch.Port]) -> [PodNetwork] {
        let nics = Dictionary(grouping: ports, by: \.node).mapValues { Set($0.map(\.nic)) }
        return networks.filter { network in
            nodes.contains { node in
                guard let port = port(of: node, on: network), port.vlan == nil else { return false }
                return nics[node.name]?.contains(port.nic) == true
            }
        }
    }

    /// The switch that carries a network: that of the nodes that are on it, else that at its position.
    package func home(of network: PodNetwork, among switches: [Switch]) -> Switch? {
        let first = nodes.lazy.compactMap { node in
            self.port(of: node, on: network).map { Switch.Port(node: node.name, nic: $0.nic) }
        }.first
        guard let first else { return switches.first { $0.name == network.interface } }
        return switches.first { $0.ports.contains(first) }
    }
}

/// Ports as they come to be on one switch.
private struct PortGroups {
    private let pod: Pod
    private let order: [Switch.Port]
    private var groups: [Set<Switch.Port>]
    /// The group that each position's ports are gathered in.
    private var homes: [String: Set<Switch.Port>] = [:]

    init(_ pod: Pod) {
        self.pod = pod
        order = pod.nodes.flatMap { node in node.nics.map { Switch.Port(node: node.name, nic: $0.name) } }
        groups = order.map { [$0] }
        for bond in pod.bonds {
            for node in bond.nodes { join(bond.ports.map { Switch.Port(node: node, nic: $0) }) }
        }
        for network in pod.networks {
            join(
                pod.nodes.compactMap { node in
                    pod.port(of: node, on: network).map { Switch.Port(node: node.name, nic: $0.nic) }
                }
            )
        }
    }

    private mutating func join(_ ports: [Switch.Port]) {
        let wanted = Set(ports)
        let touched = groups.filter { !$0.isDisjoint(with: wanted) }
        guard touched.count > 1 else { return }
        groups = groups.filter { $0.isDisjoint(with: wanted) } + [touched.reduce([]) { $0.union($1) }]
    }

    /// Joins the groups at a position to the one with most of its ports, where that leaves untagged networks apart.
    mutating func gather(at position: String) {
        let here = order.filter { $0.nic == position }
        func count(_ group: Set<Switch.Port>) -> Int { here.count { group.contains($0) } }
        let byOrder = here.compactMap { port in groups.first { $0.contains(port) } }
        guard var home = byOrder.max(by: { count($0) < count($1) }) else { return }
        // The first of equals, as `max` gives the last.
        home = byOrder.first { count($0) == count(home) } ?? home
        for group in byOrder where !group.isSubset(of: home) {
            let both = home.union(group)
            guard untagged(both) <= max(untagged(home), untagged(group)) else { continue }
            join(Array(both))
            home = both
        }
        homes = homes.mapValues { $0.isDisjoint(with: home) ? $0 : home }
        homes[position] = home
    }

    private func untagged(_ group: Set<Switch.Port>) -> Int {
        pod.untaggedNetworks(on: Array(group)).count
    }

    func switches(at positions: [String]) -> [Switch] {
        var left = groups
        var found: [(key: (Int, Int), item: Switch)] = []
        for (place, position) in positions.enumerated() {
            guard let home = homes[position] else {
                // A network is there, and no node's NIC.
                found.append(((place, 0), Switch(name: position, ports: [])))
                continue
            }
            guard let index = left.firstIndex(of: home) else { continue }
            left.remove(at: index)
            found.append(((place, 0), Switch(name: position, ports: ports(of: home))))
        }
        var next: [String: Int] = [:]
        let rest = left.map(ports(of:)).sorted { one, other in
            order.firstIndex(of: one[0]) ?? 0 < order.firstIndex(of: other[0]) ?? 0
        }
        for ports in rest {
            let position =
                positions.first { position in ports.contains { $0.nic == position } } ?? ports[0].nic
            let number = next[position, default: 1]
            next[position] = number + 1
            let letter = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(min(number, 25))))
            let name = position + letter + (number > 25 ? "\(number)" : "")
            found.append(
                ((positions.firstIndex(of: position) ?? 0, number), Switch(name: name, ports: ports))
            )
        }
        return found.sorted { $0.key < $1.key }.map(\.item)
    }

    private func ports(of group: Set<Switch.Port>) -> [Switch.Port] { order.filter(group.contains) }
}
