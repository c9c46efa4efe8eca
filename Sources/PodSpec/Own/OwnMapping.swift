import YAML

/// The mappings that `pod.yml` is made of and their keys; the shipped schema has a definition of the same name for each.
enum OwnMapping: String, CaseIterable {
    case pod, bmcDefaults, node, bmc, hardware, disk, network, attachment, bond, virtualAddress,
        providerNetwork

    var required: [String] {
        switch self {
        case .pod: ["nodes", "networks"]
        case .bmcDefaults, .node: []
        case .bmc, .virtualAddress: ["address"]
        case .hardware: ["cpus", "memory"]
        case .disk: ["name", "capacity"]
        case .network: ["cidr"]
        case .attachment: ["roles", "nic"]
        case .bond: ["ports"]
        case .providerNetwork: ["bridge"]
        }
    }

    var optional: [String] {
        switch self {
        case .pod: ["pod", "boot", "bmc", "bonds", "virtual_addresses", "provider_networks"]
        case .bmcDefaults: ["first", "user", "password", "version"]
        case .node: ["roles", "nics", "bmc", "hardware"]
        case .bmc: ["user", "password", "version", "mac"]
        case .hardware: ["type", "vendor", "model", "architecture", "cores", "disks"]
        case .disk: ["kind"]
        case .network: ["nic", "bond", "vlan", "gateway", "range", "dhcp", "addresses", "attachments"]
        case .attachment: ["nodes", "vlan", "kind"]
        case .bond: ["nodes", "mode", "mtu", "lacp_rate", "miimon", "xmit_hash_policy"]
        case .virtualAddress: ["network", "prefix"]
        case .providerNetwork: ["nic", "bond", "roles"]
        }
    }
}

extension YAMLReader {
    mutating func mapping(_ node: YAMLNode?, _ what: String, as kind: OwnMapping) -> Mapping? {
        mapping(node, what, required: kind.required, optional: kind.optional)
    }

    /// The entries of a mapping from names to whatever they name, each name with its place.
    mutating func named(_ node: YAMLNode?, _ what: String) -> [(name: Located<String>, value: YAMLNode)] {
        guard let map = anyMapping(node, what) else { return [] }
        return map.keys.compactMap { key in
            map[key].map { (Located(value: key, position: map.place(of: key)), $0) }
        }
    }

    /// A text that every reader of YAML takes for one.
    mutating func ownText(_ node: YAMLNode?, _ what: String) -> Located<String>? {
        guard let node, let text = schemaText(node, what) else { return nil }
        guard !text.isEmpty else {
            schemaError("\(what) is empty", node)
            return nil
        }
        return Located(value: text, position: node.position)
    }

    mutating func ownTexts(_ node: YAMLNode?, _ what: String) -> [Located<String>]? {
        sequence(node, what)?.compactMap { ownText($0, "each item of \(what)") }
    }

    /// One of a few words.
    mutating func ownChoice<Choice: RawRepresentable & CaseIterable>(
        _ node: YAMLNode?,
        _ what: String,
        _ type: Choice.Type = Choice.self
    ) -> Choice? where Choice.RawValue == String {
        guard let node else { return nil }
        return schemaChoice(node, what, of: Choice.allCases.map(\.rawValue)).flatMap { Choice(rawValue: $0) }
    }

    /// Whether the word `none` stands here, in place of what would be derived.
    func isNone(_ node: YAMLNode?) -> Bool { node?.text == "none" }
}
