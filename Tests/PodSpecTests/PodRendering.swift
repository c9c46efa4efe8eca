import LabModel

@testable import PodSpec

/// A pod in lines that a person can compare.
extension Pod {
    var rendering: [String] {
        var lines = ["pod \(name)" + (installNetwork.map { ", boots from \($0.name)" } ?? "")]
        for network in networks {
            let tags = network.lastVLAN.map { "…\($0)" } ?? ""
            lines.append(
                "  network \(network.name): \(network.guestInterface)\(tags) \(network.cidr) \(network.range)"
            )
            if network.bond != nil { lines[lines.count - 1] += " port \(network.interface)" }
            if let gateway = network.gateway { lines[lines.count - 1] += " gateway \(gateway)" }
            if let range = network.dhcpRange { lines[lines.count - 1] += " dhcp \(range)" }
            for one in network.attachments {
                let tag = one.vlan.map { ".\($0)" } ?? ""
                lines.append("    \(one.roles.joined(separator: " ")): \(one.interface)\(tag) \(one.kind)")
            }
        }
        for vip in virtualAddresses {
            lines.append("  \(vip.name): \(vip.address)/\(vip.prefixLength) on \(vip.network)")
        }
        for bond in bonds {
            let mtu = bond.mtu.map { ", mtu \($0)" } ?? ""
            lines.append(
                "  bond \(bond.name): \(bond.ports.joined(separator: " ")) \(bond.mode.rawValue)\(mtu) of \(bond.nodes.joined(separator: " "))"
            )
        }
        for provider in providerNetworks {
            lines.append(
                "  provider \(provider.name): \(provider.bridge) on \(provider.interface ?? "nothing") for \(provider.roles.joined(separator: " "))"
            )
        }
        return lines + nodes.flatMap { rendering(of: $0) }
    }

    private func rendering(of node: Node) -> [String] {
        let bmc = node.bmc.map { " bmc \($0.address) \($0.user)/\($0.password) ipmi \($0.version)" } ?? ""
        let disks = node.disks.map(\.description).joined(separator: " ")
        var lines = ["  node \(node.name): \(node.roles.joined(separator: " "))\(bmc)"]
        lines.append("    \(node.cpus) cpu, \(node.memory), disks \(disks), \(node.serial)")
        if let hardware = node.hardware {
            let cores = "\(hardware.cpus)×\(hardware.coresPerCPU) \(hardware.architecture)"
            lines.append("    is a \(hardware.vendor) \(hardware.model), \(cores), \(hardware.memory)")
        }
        lines += node.nics.map { "    \($0.name) \($0.mac)" }
        let addresses = networks.compactMap { network in
            address(of: node.name, on: network).map { "\(network.name) \($0)" }
        }
        return lines + (addresses.isEmpty ? [] : ["    \(addresses.joined(separator: ", "))"])
    }
}
