import LabModel

/// Addresses in a running lab, which an engine may have given otherwise than the pod's files do.
package struct SeenAddresses: Sendable {
    /// Where each node's BMC answers.
    package var bmcs: [String: IPv4Address]
    /// Who answered ARP, with which address; one card may have several.
    package var neighbours: [Neighbour]

    package struct Neighbour: Hashable, Sendable, Codable {
        package var address: IPv4Address
        package var mac: MACAddress
        package init(address: IPv4Address, mac: MACAddress) { (self.address, self.mac) = (address, mac) }
    }

    package init(bmcs: [String: IPv4Address] = [:], neighbours: [Neighbour] = []) {
        (self.bmcs, self.neighbours) = (bmcs, neighbours)
    }

    /// Puts them into the pod; each that is another than in the files is an item.
    func correct(_ pod: inout Pod) -> [ConversionItem] {
        var items: [ConversionItem] = []
        for index in pod.nodes.indices {
            guard let bmc = pod.nodes[index].bmc, let now = bmcs[pod.nodes[index].name], now != bmc.address
            else { continue }
            pod.nodes[index].bmc?.address = now
            items.append(Self.item(pod.nodes[index].name, "BMC", bmc.address, now))
        }
        for index in pod.networks.indices {
            let network = pod.networks[index]
            let shared = Set(pod.virtualAddresses.map(\.address))
            for node in pod.nodes {
                guard let said = pod.address(of: node.name, on: network),
                    let mac = node.nic(named: network.interface)?.mac
                else { continue }
                let found = Set(neighbours.filter { $0.mac == mac }.map(\.address)).filter {
                    network.cidr.contains($0) && network.dhcpRange?.contains($0) != true
                        && !shared.contains($0)
                }
                // Of several it is not known which one is to stay.
                guard found.count == 1, let now = found.first, now != said else { continue }
                pod.networks[index].addresses[node.name] = now
                items.append(Self.item(node.name, network.name, said, now))
            }
        }
        return items
    }

    private static func item(
        _ node: String,
        _ what: String,
        _ before: IPv4Address,
        _ after: IPv4Address
    ) -> ConversionItem {
        ConversionItem(
            .seen,
            "node \(node)",
            "address of \(what)",
            before: "\(before)",
            after: "\(after)",
            reason: "the lab runs with it"
        )
    }
}
