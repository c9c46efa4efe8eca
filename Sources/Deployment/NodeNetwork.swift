import LabModel

/// A node's addresses on all of the pod's networks that it is on, and the files that make them last.
package struct NodeNetwork: Hashable, Sendable {
    package struct Attachment: Hashable, Sendable {
        package var network: PodNetwork
        package var port: NetworkPort
        package var address: IPv4Address
    }

    package var node: String
    package var attachments: [Attachment]
    private let bonds: [Bond]
    private let pod: Pod

    /// How often a bond looks whether its ports have a carrier where its files do not say, in milliseconds.
    private static let linkCheck = 100

    /// Nil when a network's range has no address for the node.
    package init?(_ node: Node, in pod: Pod) {
        (self.node, self.pod) = (node.name, pod)
        bonds = pod.bonds.filter { $0.nodes.contains(node.name) }
        attachments = []
        for network in pod.networks {
            guard let port = pod.port(of: node, on: network) else { continue }
            guard let address = pod.address(of: node.name, on: network) else { return nil }
            attachments.append(Attachment(network: network, port: port, address: address))
        }
    }

    /// What the guest calls its interfaces, carriers of VLANs before the VLANs.
    package var interfaceNames: [String] {
        let carriers = Set(attachments.map(\.port.carrier) + bonds.map(\.name)).sorted()
        return carriers + attachments.filter { $0.port.vlan != nil }.map(\.port.guestInterface)
    }

    /// `/etc/network/interfaces`; only the install network's gateway is the way out.
    package var interfaces: String {
        var text = "# Written by vdeploy.\nauto lo\niface lo inet loopback\n"
        let untagged = Set(attachments.filter { $0.port.vlan == nil }.map(\.port.carrier))
        let carriers = Set(attachments.map(\.port.carrier) + bonds.map(\.name))
        for carrier in carriers.subtracting(untagged).sorted() {
            text += "\nauto \(carrier)\niface \(carrier) inet manual\n" + options(of: carrier)
            text += "\tup ip link set \(carrier) up\n\tdown ip link set \(carrier) down\n"
        }
        for attachment in attachments.sorted(by: { ($0.port.vlan ?? 0) < ($1.port.vlan ?? 0) }) {
            text += stanza(attachment)
        }
        return text
    }

    private func stanza(_ attachment: Attachment) -> String {
        let (network, port) = (attachment.network, attachment.port)
        let name = port.guestInterface
        var text = "\nauto \(name)\niface \(name) inet static\n"
        if let vlan = port.vlan {
            let make = "ip link add link \(port.carrier) name \(name) type vlan id \(vlan)"
            text += "\tvlan-raw-device \(port.carrier)\n"
            text += "\tpre-up ip link set \(port.carrier) up\n"
            text += "\tpre-up [ -e /sys/class/net/\(name) ] || \(make)\n"
        } else {
            text += options(of: name)
        }
        text += "\taddress \(attachment.address)\n\tnetmask \(network.cidr.netmask)\n"
        if network.name == pod.bootstrapNetwork?.name, let gateway = pod.jumpHost(on: network) {
            text += "\tgateway \(gateway)\n"
        }
        return text
    }

    /// What makes an interface a bond, in the words of Debian's ifenslave.
    private func options(of interface: String) -> String {
        guard let bond = bonds.first(where: { $0.name == interface }) else { return "" }
        var text = "\tbond-slaves \(bond.ports.joined(separator: " "))\n\tbond-mode \(bond.mode.rawValue)\n"
        text += "\tbond-miimon \(bond.miimon ?? Self.linkCheck)\n"
        if bond.mode == .lacp { text += "\tbond-lacp-rate \((bond.lacpRate ?? .slow).rawValue)\n" }
        if let policy = bond.hashPolicy { text += "\tbond-xmit-hash-policy \(policy.rawValue)\n" }
        if let mtu = bond.mtu { text += "\tmtu \(mtu)\n" }
        return text
    }

    /// `/etc/hosts`: each node by its name on the install network, and as `name.network` on every network.
    package static func hosts(of pod: Pod) -> String {
        var text = "127.0.0.1\tlocalhost\n"
        for node in pod.nodes {
            for network in pod.networks where pod.port(of: node, on: network) != nil {
                guard let address = pod.address(of: node.name, on: network) else { continue }
                let short = network.name == pod.bootstrapNetwork?.name ? "\(node.name) " : ""
                text += "\(address)\t\(short)\(node.name).\(network.name)\n"
            }
        }
        return text
    }
}
