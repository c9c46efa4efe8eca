import LabModel
import YAML

/// Compass4nfv's `network.yml`, either generation, as it is written.
struct NetworkFile {
    /// The names in each list, also of entries that have something else wrong with them; nil without the list.
    private(set) var mappingNames: [Located<String>]?
    private(set) var settingNames: [Located<String>]?
    var mappings: [NetworkMapping] = []
    var settings: [NetworkSetting] = []
    var vips: [VIPSetting] = []
    var bonds: [BondMapping] = []
    var providers: [ProviderMapping] = []
    var publicNetwork: PublicNetwork?
    /// Where the file begins, for what is nowhere in it.
    let start: YAMLNode.Position

    private static let keys = [
        "nic_mappings", "bond_mappings", "provider_net_mappings", "internal_vip", "public_vip", "onos_nic",
        "tenant_net_info", "public_net_info", "openo_net",
    ]

    init?(_ root: YAMLNode, _ reader: inout YAMLReader) {
        let required = ["sys_intf_mappings", "ip_settings"]
        guard let top = reader.mapping(root, "network.yml", required: required, optional: Self.keys) else {
            return nil
        }
        start = root.position
        if let first = reader.sequence(top["nic_mappings"], "nic_mappings")?.first {
            // No file ever had any, and no program ever read them.
            reader.warning(
                .removed,
                "nic_mappings are read by nobody",
                at: first.position,
                hint: "make it []"
            )
        }
        for item in reader.sequence(top["bond_mappings"], "bond_mappings") ?? [] {
            if let bond = BondMapping(item, &reader) { bonds.append(bond) }
        }
        for item in reader.sequence(top["provider_net_mappings"], "provider_net_mappings") ?? [] {
            if let provider = ProviderMapping(item, &reader) { providers.append(provider) }
        }
        if let items = reader.sequence(top["sys_intf_mappings"], "sys_intf_mappings") {
            mappingNames = Self.names(of: items)
            mappings = items.compactMap { NetworkMapping($0, &reader) }
        }
        if let items = reader.sequence(top["ip_settings"], "ip_settings") {
            settingNames = Self.names(of: items)
            settings = items.compactMap { NetworkSetting($0, &reader) }
        }
        for name in ["internal_vip", "public_vip"] {
            if let node = top[name], let vip = VIPSetting(node, name, &reader) { vips.append(vip) }
        }
        publicNetwork = PublicNetwork(top["public_net_info"], &reader)
        readTenants(top, &reader)
        checkInterfaces(&reader)
        if let node = top["onos_nic"], let nic = reader.plainText(node, "onos_nic") {
            checkInterface(Located(value: nic, position: node.position), "onos_nic", &reader)
        }
    }

    private static func names(of items: [YAMLNode]) -> [Located<String>] {
        items.compactMap { item in
            item["name"].flatMap { node in node.text.map { Located(value: $0, position: node.position) } }
        }
    }

    /// What only the cloud's own networks read: its form must be right all the same.
    private func readTenants(_ top: YAMLReader.Mapping, _ reader: inout YAMLReader) {
        let tenants = reader.mapping(
            top["tenant_net_info"],
            "tenant_net_info",
            required: ["type", "range"],
            optional: ["provider_network"]
        )
        if let tenants {
            _ = reader.choice(tenants["type"], "type", TenantType.self)
            _ = reader.plainText(tenants["provider_network"], "provider_network")
            if let node = tenants["range"], let text = reader.plainText(node, "range") {
                let ends = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
                if ends.count != 2 || ends.contains(nil) || (ends[0] ?? 0) > (ends[1] ?? 0) {
                    reader.error(
                        .rangePairs,
                        "range “\(text)” is no first and last segment",
                        at: node.position,
                        hint: "write it like \"1:1000\""
                    )
                }
            }
        }
        guard let node = top["openo_net"] else { return }
        let keys = ["openo_ip", "openo_docker_cidr", "openo_docker_gw"]
        if let map = reader.mapping(node, "openo_net", optional: keys) {
            _ = reader.address(map["openo_ip"], "openo_ip")
            _ = reader.address(map["openo_docker_gw"], "openo_docker_gw")
            _ = reader.value(map["openo_docker_cidr"], "openo_docker_cidr", example: "172.11.1.0/24") {
                IPv4Network($0)
            }
            reader.warning(
                .removed,
                "openo_net is for OPEN-O, which Compass4nfv's Gambia release no longer launches",
                at: map.place(of: keys[0]),
                hint: "take openo_net out"
            )
        }
    }

    private enum TenantType: String, CaseIterable { case vxlan, vlan, gre }

    // MARK: - What an interface is

    /// What a name under `interface:` leads to.
    enum Carrier: Hashable {
        case nic(String)
        case bond(String)
        /// One end of a pair that the engine makes itself.
        case virtual
    }

    /// Follows bridges to what they are on; nil when there is no such interface.
    func carrier(of interface: String) -> Carrier? {
        if bonds.contains(where: { $0.name.value == interface }) { return .bond(interface) }
        if interface == ProviderMapping.virtualInterface { return .virtual }
        if NICPosition(interface) != nil { return .nic(interface) }
        let provider = providers.first { $0.name.value == interface && $0.interface.value != interface }
        return provider.flatMap { NICPosition($0.interface.value) != nil ? .nic($0.interface.value) : nil }
            ?? provider.flatMap { found in
                bonds.contains { $0.name.value == found.interface.value }
                    ? .bond(found.interface.value) : nil
            }
    }

    /// The NIC position that a network is on: a bond's first port stands for it.
    func position(of carrier: Carrier?) -> String? {
        switch carrier {
        case .nic(let name): name
        case .bond(let name): bonds.first { $0.name.value == name }?.ports.first?.value
        case .virtual, nil: nil
        }
    }

    private func checkInterfaces(_ reader: inout YAMLReader) {
        for mapping in mappings { checkInterface(mapping.interface, "interface", &reader) }
        for provider in providers { checkInterface(provider.interface, "interface", &reader) }
    }

    private func checkInterface(_ name: Located<String>, _ what: String, _ reader: inout YAMLReader) {
        guard carrier(of: name.value) == nil else { return }
        let others = bonds.map(\.name.value) + providers.map(\.name.value).filter { $0 != name.value }
        let more = others.isEmpty ? "" : ", or \(others.joined(separator: ", "))"
        reader.error(
            .nicUnknown,
            "\(what) “\(name.value)” is no NIC",
            at: name.position,
            hint: "NICs are eth0 to eth\(NICPosition.last)\(more)"
        )
    }
}
