import LabModel

/// A pod's wiring as a table: a column for each NIC position, a row for each machine, a cell where a NIC is plugged in.
///
///     print(PodDrawing(pod).text)
package struct PodDrawing: Sendable {
    /// A NIC position and the networks that some node has there.
    struct Column: Sendable {
        var name: String
        var networks: [PodNetwork]
    }

    /// What a machine has on a switch.
    struct Port: Sendable {
        /// An address on one of the column's networks.
        struct Address: Sendable {
            var network: String
            /// Nil when untagged.
            var vlan: Int?
            /// As much as the network does not say already.
            var text: String
        }

        var addresses: [Address]
        var bond: String?
    }

    /// A machine, and its port on each switch.
    struct Row: Sendable {
        var name: String
        var roles: [String]
        var bmc: String?
        var ports: [Port?]
    }

    let title: String
    let columns: [Column]
    let rows: [Row]
    /// What is no wire: virtual addresses, bonds, provider networks.
    let remarks: [String]

    package init(_ pod: Pod) {
        let columns = pod.positions.map { name in
            let networks = pod.networks.filter { network in
                network.interface == name
                    || pod.nodes.contains { pod.port(of: $0, on: network)?.nic == name }
            }
            return Column(name: name, networks: networks)
        }
        self.columns = columns
        let nodes = pod.nodes.enumerated().map { index, node in
            Row(
                name: node.name,
                roles: node.roles,
                bmc: node.bmc.map { "\($0.address)" },
                ports: columns.map { Self.port(of: node, at: index, on: $0, in: pod) }
            )
        }
        rows = [Self.jumpHost(of: pod, columns)] + nodes
        let counts = [
            (pod.nodes.count, "node", "s"), (pod.switches.count, "switch", "es"),
            (pod.networks.count, "network", "s"),
        ]
        title =
            "\(pod.name): " + counts.map { "\($0) \($1)\($0 == 1 ? "" : $2)" }.joined(separator: ", ")
        remarks = Self.remarks(on: pod)
    }

    private static func port(of node: Node, at index: Int, on column: Column, in pod: Pod) -> Port? {
        guard node.nic(named: column.name) != nil else { return nil }
        let addresses = column.networks.compactMap { network -> Port.Address? in
            guard let port = pod.port(of: node, on: network), port.nic == column.name else { return nil }
            return pod.address(ofNodeAt: index, on: network).map { address($0, on: network, port.vlan) }
        }
        return Port(addresses: addresses, bond: pod.bond(of: node, on: column.name)?.name)
    }

    /// The sandbox itself: it has the gateways.
    private static func jumpHost(of pod: Pod, _ columns: [Column]) -> Row {
        Row(
            name: "jump host",
            roles: [],
            bmc: nil,
            ports: columns.map { column in
                let gateways = column.networks.filter { $0.interface == column.name }.compactMap { network in
                    pod.jumpHost(on: network).map { address($0, on: network, network.vlan) }
                }
                return gateways.isEmpty ? nil : Port(addresses: gateways, bond: nil)
            }
        )
    }

    /// The part of an address that its network does not say already: `.50` of 10.20.0.50 in a /24.
    private static func address(
        _ address: IPv4Address,
        on network: PodNetwork,
        _ vlan: Int?
    ) -> Port.Address {
        let octets = "\(address)".split(separator: ".")
        let text = "." + octets.dropFirst(min(network.cidr.prefixLength / 8, 3)).joined(separator: ".")
        return Port.Address(network: network.name, vlan: vlan, text: text)
    }

    private static func remarks(on pod: Pod) -> [String] {
        pod.virtualAddresses.map { "\($0.name) \($0.address) moves on \($0.network)" }
            + pod.bonds.map { bond in
                let isEverywhere = Set(pod.nodes.map(\.name)).isSubset(of: bond.nodes)
                let nodes = isEverywhere ? "all nodes" : bond.nodes.joined(separator: ", ")
                let mode = bond.mode.rawValue + (bond.hashPolicy.map { " \($0.rawValue)" } ?? "")
                return "\(bond.name) is \(bond.ports.joined(separator: " and ")), \(mode), of \(nodes)"
            }
            + pod.providerNetworks.map { provider in
                "\(provider.name) is \(provider.bridge) on \(provider.interface ?? "an interface of the engine's own")"
            }
    }
}

extension PodDrawing.Column {
    /// Two lines for each network: its name with its tag, and its addresses.
    var labels: [String] {
        networks.flatMap { network in
            let last = network.lastVLAN.map { "–\($0)" } ?? ""
            let tag = network.vlan.map { " VLAN \($0)\(last)" } ?? ""
            return [network.name + tag, "\(network.cidr)"]
        }
    }
}
