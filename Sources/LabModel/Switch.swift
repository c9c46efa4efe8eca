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

/// Ports as they come to be on one switch; a port is its place in the order of nodes and NICs.
private struct PortGroups {
    private let order: [Switch.Port]
    /// The group of each port.
    private var groups: [Int]
    /// The ports of each group; none of one that was joined to another.
    private var ports: [[Int]]
    /// The untagged networks of each group.
    private var untagged: [Set<Int>]
    /// A port of the group in which the ports at a position are gathered.
    private var homes: [String: Int] = [:]

    init(_ pod: Pod) {
        order = Self.distinct(
            pod.nodes.flatMap { node in node.nics.map { Switch.Port(node: node.name, nic: $0.name) } }
        )
        groups = Array(order.indices)
        ports = order.indices.map { [$0] }
        untagged = order.map { _ in [] }
        let places = Dictionary(uniqueKeysWithValues: zip(order, order.indices))
        var wires: [[Int]] = []
        for (number, network) in pod.networks.enumerated() {
            var wire: [Int] = []
            for node in pod.nodes {
                guard let port = pod.port(of: node, on: network),
                    let place = places[Switch.Port(node: node.name, nic: port.nic)]
                else { continue }
                wire.append(place)
                if port.vlan == nil { untagged[place].insert(number) }
            }
            wires.append(wire)
        }
        for bond in pod.bonds {
            for node in bond.nodes {
                join(bond.ports.compactMap { places[Switch.Port(node: node, nic: $0)] })
            }
        }
        for wire in wires { join(wire) }
    }

    private static func distinct<Value: Hashable>(_ values: [Value]) -> [Value] {
        var seen: Set<Value> = []
        return values.filter { seen.insert($0).inserted }
    }

    /// The smaller groups go into the largest one, so that no port changes its group often.
    private mutating func join(_ wire: [Int]) {
        let touched = Self.distinct(wire.map { groups[$0] })
        guard let home = touched.max(by: { ports[$0].count < ports[$1].count }) else { return }
        for group in touched where group != home {
            for port in ports[group] { groups[port] = home }
            ports[home] += ports[group]
            untagged[home].formUnion(untagged[group])
            (ports[group], untagged[group]) = ([], [])
        }
    }

    /// Joins the groups at a position to the one with most of its ports, where that leaves untagged networks apart.
    mutating func gather(at position: String) {
        let here = order.indices.filter { order[$0].nic == position }
        let counts = here.reduce(into: [:]) { counts, port in counts[groups[port], default: 0] += 1 }
        // The first of equals.
        let most = counts.values.max()
        guard let home = here.first(where: { counts[groups[$0]] == most }) else { return }
        let gathered = groups[home]
        for group in Self.distinct(here.map { groups[$0] }) where group != gathered {
            let (one, other) = (untagged[groups[home]], untagged[group])
            guard one.union(other).count <= max(one.count, other.count) else { continue }
            join([home, ports[group][0]])
        }
        homes[position] = home
    }

    func switches(at positions: [String]) -> [Switch] {
        var taken: Set<Int> = []
        var found: [(key: (Int, Int), item: Switch)] = []
        for (place, position) in positions.enumerated() {
            guard let home = homes[position] else {
                // A network is there, and no node's NIC.
                found.append(((place, 0), Switch(name: position, ports: [])))
                continue
            }
            guard taken.insert(groups[home]).inserted else { continue }
            found.append(((place, 0), Switch(name: position, ports: ports(of: groups[home]))))
        }
        var next: [String: Int] = [:]
        let rest = ports.indices.filter { !ports[$0].isEmpty && !taken.contains($0) }
            .sorted { ports[$0].min() ?? 0 < ports[$1].min() ?? 0 }
        for group in rest {
            let ports = ports(of: group)
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

    private func ports(of group: Int) -> [Switch.Port] { ports[group].sorted().map { order[$0] } }
}
