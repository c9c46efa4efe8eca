import LabModel

/// A node's addresses on all of the pod's networks, and the files that make them last.
package struct NodeNetwork: Hashable, Sendable {
    package struct Attachment: Hashable, Sendable {
        package var network: PodNetwork
        package var address: IPv4Address
    }

    package var node: String
    package var attachments: [Attachment]
    private let pod: Pod

    /// Nil when a network's range has no address for the node.
    package init?(_ node: Node, in pod: Pod) {
        (self.node, self.pod) = (node.name, pod)
        attachments = []
        for network in pod.networks where node.nic(named: network.interface) != nil {
            guard let address = pod.address(of: node.name, on: network) else { return nil }
            attachments.append(Attachment(network: network, address: address))
        }
    }

    /// What the guest calls its interfaces, carriers of VLANs before the VLANs.
    package var interfaceNames: [String] {
        let carriers = Set(attachments.map(\.network.interface)).sorted()
        return carriers + attachments.filter { $0.network.vlan != nil }.map(\.network.guestInterface)
    }

    /// `/etc/network/interfaces`; only the install network's gateway is the way out.
    package var interfaces: String {
        var text = "# Written by vdeploy.\nauto lo\niface lo inet loopback\n"
        let untagged = Set(attachments.filter { $0.network.vlan == nil }.map(\.network.interface))
        let carriers = Set(attachments.filter { $0.network.vlan != nil }.map(\.network.interface))
        for carrier in carriers.subtracting(untagged).sorted() {
            text += "\nauto \(carrier)\niface \(carrier) inet manual\n"
            text += "\tup ip link set \(carrier) up\n\tdown ip link set \(carrier) down\n"
        }
        for attachment in attachments.sorted(by: { ($0.network.vlan ?? 0) < ($1.network.vlan ?? 0) }) {
            text += stanza(attachment)
        }
        return text
    }

    private func stanza(_ attachment: Attachment) -> String {
        let (network, name) = (attachment.network, attachment.network.guestInterface)
        var text = "\nauto \(name)\niface \(name) inet static\n"
        if let vlan = network.vlan {
            let (make, carrier) = (
                "ip link add link \(network.interface) name \(name) type vlan id \(vlan)", network.interface
            )
            text += "\tvlan-raw-device \(carrier)\n"
            text += "\tpre-up ip link set \(carrier) up\n"
            text += "\tpre-up [ -e /sys/class/net/\(name) ] || \(make)\n"
        }
        text += "\taddress \(attachment.address)\n\tnetmask \(network.cidr.netmask)\n"
        if network.name == pod.installNetwork?.name, let gateway = network.gateway {
            text += "\tgateway \(gateway)\n"
        }
        return text
    }

    /// `/etc/hosts`: each node by its name on the install network, and as `name.network` on every network.
    package static func hosts(of pod: Pod) -> String {
        var text = "127.0.0.1\tlocalhost\n"
        for node in pod.nodes {
            for network in pod.networks where node.nic(named: network.interface) != nil {
                guard let address = pod.address(of: node.name, on: network) else { continue }
                let short = network.name == pod.installNetwork?.name ? "\(node.name) " : ""
                text += "\(address)\t\(short)\(node.name).\(network.name)\n"
            }
        }
        return text
    }
}
