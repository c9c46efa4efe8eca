import LabModel
import YAML

/// An entry of `bond_mappings`: ports of some hosts as one interface.
struct BondMapping {
    var name: Located<String>
    var hosts: [Located<String>]
    var ports: [Located<String>]
    var mode: Bond.Mode
    var mtu: Int?
    var lacpRate: Bond.LACPRate?
    var miimon: Int?
    var hashPolicy: Bond.HashPolicy?

    init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        let map = reader.mapping(
            node,
            "an entry of bond_mappings",
            required: ["name", "bond-slaves", "bond-mode"],
            optional: ["host", "bond-miimon", "bond-lacp_rate", "bond-xmit_hash_policy", "mtu"]
        )
        guard let map else { return nil }
        let name = reader.locatedText(map["name"], "name")
        if let name, NICPosition(name.value) != nil {
            reader.error(
                .bondPorts,
                "a bond cannot have the name of a NIC, \(name.value)",
                at: name.position,
                hint: "call it bond\(NICPosition(name.value)?.number ?? 0)"
            )
        }
        hosts = reader.sequence(map["host"], "host")?.compactMap { reader.locatedText($0, "a host") } ?? []
        ports = Self.ports(map["bond-slaves"], &reader)
        let mode = Self.mode(map["bond-mode"], &reader)
        miimon = reader.integer(map["bond-miimon"], "bond-miimon", in: 0...100_000)
        lacpRate = reader.choice(map["bond-lacp_rate"], "bond-lacp_rate")
        hashPolicy = reader.choice(map["bond-xmit_hash_policy"], "bond-xmit_hash_policy")
        mtu = reader.integer(map["mtu"], "mtu", in: 576...65_535)
        guard let name, let mode else { return nil }
        (self.name, self.mode) = (name, mode)
        reader.checkBondSettings(map, prefix: "bond-", mode, miimon, hashPolicy)
    }

    private static func ports(_ node: YAMLNode?, _ reader: inout YAMLReader) -> [Located<String>] {
        var found: [Located<String>] = []
        for item in reader.sequence(node, "bond-slaves") ?? [] {
            guard let port = reader.nic(item, "bond-slaves") else { continue }
            if found.contains(where: { $0.value == port.value }) {
                reader.error(
                    .bondPorts,
                    "\(port.value) is here twice",
                    at: port.position,
                    hint: "keep one of them"
                )
            } else {
                found.append(port)
            }
        }
        if let node, found.count < 2 {
            reader.warning(
                .bondPorts,
                "a bond of \(found.count) NIC\(found.count == 1 ? "" : "s") bonds nothing",
                at: node.position,
                hint: "give it two"
            )
        }
        return found
    }

    /// Linux takes the name of a mode or its number.
    private static func mode(_ node: YAMLNode?, _ reader: inout YAMLReader) -> Bond.Mode? {
        guard let node, let text = reader.text(node, "bond-mode") else { return nil }
        if let number = Int(text), Bond.Mode.allCases.indices.contains(number) {
            return Bond.Mode.allCases[number]
        }
        if let mode = Bond.Mode(rawValue: text) { return mode }
        reader.error(
            .bondMode,
            "bond-mode cannot be “\(text)”",
            at: node.position,
            hint: Suggestion.hint(for: text, among: Bond.Mode.allCases.map(\.rawValue), "mode")
        )
        return nil
    }
}

extension YAMLReader {
    /// What a bond's mode makes nothing of, what leaves it blind, and what the lab's switch does not do.
    mutating func checkBondSettings(
        _ map: Mapping,
        prefix: String,
        _ mode: Bond.Mode,
        _ miimon: Int?,
        _ policy: Bond.HashPolicy?
    ) {
        let meant = ["lacp_rate": mode == .lacp, "xmit_hash_policy": mode.hashes]
        for key in meant.keys.sorted() where meant[key] == false && map[prefix + key] != nil {
            warning(
                .bondMode,
                "\(prefix)\(key) means nothing in mode \(mode.rawValue)",
                at: map.place(of: prefix + key),
                hint: "take it out"
            )
        }
        if miimon == 0 {
            warning(
                .bondMode,
                "\(prefix)miimon 0: the nodes never look whether a port has a link, so a pulled cable goes unnoticed",
                at: map.place(of: prefix + "miimon"),
                hint: "write 100, or take it out"
            )
        }
        if let policy, mode.hashes {
            note(
                .bondHash,
                "\(prefix)xmit_hash_policy \(policy.rawValue): nodes send by it; the lab's switch hashes nothing, and sends "
                    + "to a node where it heard the node last",
                at: map.place(of: prefix + "xmit_hash_policy")
            )
        }
    }
}

/// An entry of `provider_net_mappings`: the bridge through which the cloud's guests get out.
struct ProviderMapping {
    /// What one end of a pair on `br-external` is called; no NIC.
    static let virtualInterface = "external-nic"

    var name: Located<String>
    var network: String
    var interface: Located<String>
    var roles: [String]

    init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        let keys = ["name", "network", "interface", "type", "role"]
        guard let map = reader.mapping(node, "provider_net_mappings", required: keys) else { return nil }
        let network = reader.plainText(map["network"], "network")
        _ = reader.plainText(map["type"], "type")
        roles = reader.networkRoles(map["role"])
        let name = reader.locatedText(map["name"], "name")
        let interface = reader.locatedText(map["interface"], "interface")
        if let name, !["br-provider", "br-int"].contains(name.value) {
            reader.warning(
                .providerBridge,
                "Compass4nfv's Gambia release expects the bridge br-provider here, not \(name.value)",
                at: name.position,
                hint: "rename it, also where it is used"
            )
        }
        guard let name, let interface, let network else { return nil }
        (self.name, self.network, self.interface) = (name, network, interface)
    }
}
