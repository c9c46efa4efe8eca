import LabModel
import YAML

/// Compass4nfv's two files seen together: what is wrong between them, and the pod that they describe.
struct CompassPod {
    var name: String
    var network: NetworkFile
    var hardware: HardwareFile

    /// Judges the one file by the other; each problem goes to the file that it can be mended in.
    func check(_ networks: inout YAMLReader, _ hosts: inout YAMLReader) {
        checkRoles(&networks)
        checkBondHosts(&networks)
        checkNICs(&hosts)
        checkBMCs(&hosts)
    }

    /// Nodes have the NICs that networks use or the DHA file names, and those between, as a server has its ports.
    func pod(_ networks: [PodNetwork], _ sizes: LabFile?) -> Pod {
        let bonds = network.bonds(of: hardware.hosts.map(\.name.value))
        let providers = network.providerNetworks
        let used = Set(
            networks.map(\.interface) + networks.flatMap { $0.attachments.map(\.interface) }
                + bonds.flatMap(\.ports) + providers.compactMap(\.interface)
        ).compactMap { NICPosition($0)?.number }
        var taken = Set(hardware.hosts.flatMap { $0.allMACs.map(\.mac.value) })
        let nodes = hardware.hosts.map { host in
            let identity = DerivedIdentity(pod: name, node: host.name.value)
            let own = host.interfaces.compactMap { NICPosition($0.nic)?.number }
            let nics = (0...((used + own).max() ?? 0)).compactMap { position -> NIC? in
                let nic = "eth\(position)"
                if let mac = host.mac(of: nic) { return NIC(name: nic, mac: mac) }
                return identity.mac(of: nic, avoiding: taken).map { mac in
                    taken.insert(mac)
                    return NIC(name: nic, mac: mac, isDerived: true)
                }
            }
            var node = Node(
                name: host.name.value,
                roles: host.roles,
                nics: nics,
                bmc: host.access,
                uuid: identity.uuid,
                serial: identity.serial
            )
            sizes?.apply(to: &node)
            return node
        }
        return Pod(
            name: name,
            nodes: nodes,
            networks: networks,
            virtualAddresses: network.virtualAddresses,
            bonds: bonds,
            providerNetworks: providers,
            lab: sizes?.settings
        )
    }

    // MARK: - Roles

    /// What Compass4nfv's playbooks look for on the hosts of a role.
    private static let needs: [(role: String, networks: [String])] = [
        ("controller", ["mgmt", "external"]), ("compute", ["mgmt"]), ("ceph-osd", ["storage"]),
        ("ceph-mon", ["storage"]),
    ]

    private func checkRoles(_ reader: inout YAMLReader) {
        let roles = Set(hardware.hosts.flatMap(\.roles))
        let names = Set((network.settingNames ?? []).map(\.value))
        for (role, wanted) in Self.needs where network.settingNames != nil && roles.contains(role) {
            for name in wanted where !names.contains(name) {
                reader.warning(
                    .roleNetwork,
                    "\(role) needs the network \(name), which is not here",
                    at: network.settingNames?.first?.position ?? network.start,
                    hint: "add it to ip_settings and sys_intf_mappings"
                )
            }
        }
        for role in NetworkFile.mappedRoles where roles.contains(role) {
            var reported: Set<String> = []
            for mapping in network.mappings where !reported.contains(mapping.name.value) {
                let entries = network.mappings.filter { $0.name.value == mapping.name.value }
                guard entries.allSatisfy({ !$0.roles.isEmpty && !$0.roles.contains(role) }) else { continue }
                reported.insert(mapping.name.value)
                reader.warning(
                    .roleNetwork,
                    "\(mapping.name.value) is mapped to no NIC of \(role), which the pod has",
                    at: mapping.name.position,
                    hint: "add \(role) to its role"
                )
            }
        }
    }

    private func checkBondHosts(_ reader: inout YAMLReader) {
        let names = Set(hardware.hosts.map(\.name.value))
        for bond in network.bonds {
            for host in bond.hosts where !names.contains(host.value) {
                reader.error(
                    .bondHosts,
                    "there is no host “\(host.value)” to have \(bond.name.value)",
                    at: host.position,
                    hint: Suggestion.hint(for: host.value, among: names, "host")
                )
            }
        }
    }

    // MARK: - NICs and BMCs

    /// NICs that carry something and have no MAC, in a file that gives MACs.
    private func checkNICs(_ reader: inout YAMLReader) {
        guard hardware.hosts.contains(where: { !$0.allMACs.isEmpty }) else { return }
        var users: [String: [String]] = [:]
        for mapping in network.mappings {
            guard let position = network.position(of: network.carrier(of: mapping.interface.value)),
                users[position]?.contains(mapping.name.value) != true
            else { continue }
            users[position, default: []].append(mapping.name.value)
        }
        for (nic, networks) in users.sorted(by: { $0.key < $1.key }) {
            let bare = hardware.hosts.filter { $0.mac(of: nic) == nil }
            guard let first = bare.first else { continue }
            let who = bare.count == 1 ? first.name.value : "\(first.name.value) and \(bare.count - 1) more"
            reader.note(
                .nicUnnamed,
                "\(nic) carries \(networks.joined(separator: " and ")), and \(who) give no MAC for it",
                at: first.name.position,
                hint: "vlab derives it; on metal, the engine takes NICs in the order of their discovery"
            )
        }
    }

    /// A BMC shares its network with others and must not have their addresses.
    private func checkBMCs(_ reader: inout YAMLReader) {
        for host in hardware.hosts {
            guard let bmc = host.bmc, let owner = owner(of: bmc.value.address) else { continue }
            reader.error(
                .addressTaken,
                "the BMC of \(host.name.value) has \(bmc.value.address), which belongs to \(owner)",
                at: bmc.position,
                hint: "take a free one"
            )
        }
    }

    private func owner(of address: IPv4Address) -> String? {
        for setting in network.settings {
            if let range = setting.range?.value, range.contains(address) {
                let index = Int(address.bits - range.first.bits)
                if index < hardware.hosts.count {
                    return "\(hardware.hosts[index].name.value) on \(setting.name.value)"
                }
            }
            if setting.dhcpRange?.value.contains(address) == true {
                return "the dhcp_ranges of \(setting.name.value)"
            }
            if setting.gateway?.value == address { return "the gateway of \(setting.name.value)" }
        }
        if let vip = network.vips.first(where: { $0.address.value == address }) { return vip.name }
        let isFloating = network.publicNetwork?.floating?.value.contains(address) == true
        return isFloating ? "the floating addresses" : nil
    }
}
