import LabModel
import YAML

/// vlab's own `pod.yml`, as it is written: one file for a pod, in which whatever is left out is derived.
///
///     nodes:
///       ctl01: {roles: [controller]}
///       cmp01: {roles: [compute]}
///     networks:
///       mgmt: {cidr: 10.20.0.0/24}
struct OwnFile {
    /// What the BMCs have when their nodes do not say.
    struct BMCDefaults {
        var hasNone = false
        /// The first node's address; the others have the next ones.
        var first: Located<IPv4Address>?
        var user = "root"
        var password = "admin"
        var version = "2.0"
    }

    /// Ports of some nodes as one interface.
    struct Bond {
        var name: Located<String>
        /// Nil for all.
        var nodes: [Located<String>]?
        var ports: [Located<String>]
        var mode: LabModel.Bond.Mode
        var mtu: Int?
        var lacpRate: LabModel.Bond.LACPRate?
        var miimon: Int?
        var hashPolicy: LabModel.Bond.HashPolicy?
    }

    /// An address that moves between nodes.
    struct VirtualAddress {
        var name: Located<String>
        var address: Located<IPv4Address>
        /// Nil for the only network that holds the address.
        var network: Located<String>?
        var prefixLength: Int?
    }

    /// A bridge through which the cloud's guests get out.
    struct Provider {
        var name: Located<String>
        var bridge: String
        var interface: Located<String>?
        var roles: [String]
    }

    var name: Located<String>?
    /// The network that nodes boot from; nil for none, and for the one that is derived.
    var boot: Located<String>?
    var bootsFromNone = false
    var bmc = BMCDefaults()
    var nodes: [OwnNode] = []
    var networks: [OwnNetwork] = []
    var bonds: [Bond] = []
    var virtualAddresses: [VirtualAddress] = []
    var providers: [Provider] = []
    /// Names of networks, also of those that have something wrong with them.
    private(set) var networkNames: [String] = []
    let start: YAMLNode.Position

    init?(_ root: YAMLNode, _ reader: inout YAMLReader) {
        start = root.position
        guard let top = reader.mapping(root, "pod.yml", as: .pod) else { return nil }
        name = reader.ownText(top["pod"], "pod")
        if let name, !DNSLabel.isValid(name.value) {
            reader.error(
                .hostName,
                "“\(name.value)” cannot be a pod's name",
                at: name.position,
                hint: DNSLabel.rule
            )
        }
        bootsFromNone = reader.isNone(top["boot"])
        if !bootsFromNone { boot = reader.ownText(top["boot"], "boot") }
        readBMC(top["bmc"], &reader)
        let named = reader.named(top["nodes"], "nodes")
        if let node = top["nodes"], node.entries?.isEmpty == true {
            reader.error(.podEmpty, "nodes is empty", at: node.position, hint: "a pod has at least one")
        }
        nodes = named.map { OwnNode($0.name, $0.value, &reader) }
        let networks = reader.named(top["networks"], "networks")
        networkNames = networks.map(\.name.value)
        self.networks = networks.compactMap { OwnNetwork($0.name, $0.value, &reader) }
        bonds = reader.named(top["bonds"], "bonds").compactMap { Self.bond($0.name, $0.value, &reader) }
        virtualAddresses = reader.named(top["virtual_addresses"], "virtual_addresses").compactMap {
            Self.virtualAddress($0.name, $0.value, &reader)
        }
        providers = reader.named(top["provider_networks"], "provider_networks").compactMap {
            Self.provider($0.name, $0.value, &reader)
        }
    }

    private mutating func readBMC(_ node: YAMLNode?, _ reader: inout YAMLReader) {
        bmc.hasNone = reader.isNone(node)
        guard !bmc.hasNone, let map = reader.mapping(node, "bmc", as: .bmcDefaults) else { return }
        bmc.first = reader.ownAddress(map["first"], "first")
        bmc.user = reader.credential(map["user"], "user", most: 16) ?? bmc.user
        bmc.password = reader.credential(map["password"], "password", most: 20) ?? bmc.password
        bmc.version = reader.bmcVersion(map["version"]) ?? bmc.version
    }

    private static func bond(
        _ name: Located<String>,
        _ node: YAMLNode,
        _ reader: inout YAMLReader
    ) -> Bond? {
        guard let map = reader.mapping(node, "bond \(name.value)", as: .bond) else { return nil }
        if NICPosition(name.value) != nil {
            reader.error(
                .bondPorts,
                "a bond cannot have the name of a NIC, \(name.value)",
                at: name.position,
                hint: "call it bond0"
            )
        }
        var ports: [Located<String>] = []
        for port in reader.ownTexts(map["ports"], "ports") ?? [] {
            guard let nic = reader.nic(named: port.value, at: port.position, "port") else { continue }
            if ports.contains(where: { $0.value == nic.value }) {
                reader.error(.bondPorts, "\(nic.value) is here twice", at: nic.position, hint: "keep one")
            } else {
                ports.append(nic)
            }
        }
        if let node = map["ports"], ports.count < 2 {
            reader.warning(
                .bondPorts,
                "a bond of \(ports.count) NIC\(ports.count == 1 ? "" : "s") bonds nothing",
                at: node.position,
                hint: "give it two"
            )
        }
        let bond = Bond(
            name: name,
            nodes: reader.ownTexts(map["nodes"], "nodes"),
            ports: ports,
            mode: reader.ownChoice(map["mode"], "mode") ?? .lacp,
            mtu: reader.integer(map["mtu"], "mtu", in: 576...65_535),
            lacpRate: reader.ownChoice(map["lacp_rate"], "lacp_rate"),
            miimon: reader.integer(map["miimon"], "miimon", in: 0...100_000),
            hashPolicy: reader.ownChoice(map["xmit_hash_policy"], "xmit_hash_policy")
        )
        reader.checkBondSettings(map, prefix: "", bond.mode, bond.miimon, bond.hashPolicy)
        return bond
    }

    private static func virtualAddress(
        _ name: Located<String>,
        _ node: YAMLNode,
        _ reader: inout YAMLReader
    ) -> VirtualAddress? {
        let what = "virtual address \(name.value)"
        guard let map = reader.mapping(node, what, as: .virtualAddress) else { return nil }
        let network = reader.ownText(map["network"], "network")
        let length = reader.integer(map["prefix"], "prefix", in: 0...32)
        guard let address = reader.ownAddress(map["address"], "address") else { return nil }
        return VirtualAddress(name: name, address: address, network: network, prefixLength: length)
    }

    private static func provider(
        _ name: Located<String>,
        _ node: YAMLNode,
        _ reader: inout YAMLReader
    ) -> Provider? {
        let what = "provider network \(name.value)"
        guard let map = reader.mapping(node, what, as: .providerNetwork) else { return nil }
        if map["nic"] != nil, map["bond"] != nil {
            reader.schemaError("a provider network is on a nic or on a bond, not on both", node)
        }
        let bridge = reader.ownText(map["bridge"], "bridge")
        let nic = reader.ownText(map["nic"], "nic").flatMap {
            reader.nic(named: $0.value, at: $0.position, "nic")
        }
        let bond = reader.ownText(map["bond"], "bond")
        let roles = reader.ownTexts(map["roles"], "roles") ?? []
        guard let bridge else { return nil }
        return Provider(
            name: name,
            bridge: bridge.value,
            interface: nic ?? bond,
            roles: roles.map(\.value)
        )
    }

    func identities(in file: String) -> [MachineIdentity] {
        nodes.flatMap { node in
            let name = node.name.value
            let macs = node.nics.compactMap { nic in
                nic.mac.map { mac in
                    MachineIdentity(
                        kind: .mac,
                        text: "\(mac.value)",
                        owner: "\(name) \(nic.name.value)",
                        file: file,
                        position: mac.position
                    )
                }
            }
            guard case .written(let bmc) = node.bmc else { return macs }
            return macs + [
                MachineIdentity(
                    kind: .bmc,
                    text: "\(bmc.address.value)",
                    owner: name,
                    file: file,
                    position: bmc.address.position
                )
            ]
        }
    }
}
