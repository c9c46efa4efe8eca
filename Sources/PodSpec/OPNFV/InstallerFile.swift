import LabModel
import YAML

/// OPNFV's installer descriptor file (IDF), version 0.1, as it is written: the networks on the nodes' NICs.
struct InstallerFile {
    /// An entry of `net_config`.
    struct Network {
        var name: Located<String>
        /// The index of a NIC in the descriptor file's lists.
        var interface: Located<Int>?
        /// First and last tag; nil when untagged.
        var vlans: ClosedRange<Int>?
        var cidr: Located<IPv4Network>?
        var range: Located<IPv4Range>?
        var gateway: Located<IPv4Address>?
    }

    var networks: [Network] = []
    /// `oob`, which the BMCs are on; the nodes are not.
    var management: Network?
    /// How many nodes the installer's own part counts, and where.
    var counted: Located<Int>?
    /// Roles by node, where an installer's part has them.
    var roles: [String: [String]] = [:]
    var rolesByNumber: [Int: [String]] = [:]
    let start: YAMLNode.Position

    init?(_ root: YAMLNode, _ reader: inout YAMLReader) {
        start = root.position
        Schema.installer.check(root, "the installer descriptor file", &reader)
        guard let body = root["idf"], body.entries != nil else { return nil }
        for section in ["fuel", "daisy", "osa", "kubespray"] {
            guard let node = body[section], !node.isNull, body["net_config"] == nil else { continue }
            reader.schemaError("\(section) needs net_config", node, hint: "add net_config")
        }
        for entry in body["net_config"]?.entries ?? [] {
            guard let name = entry.key.text else { continue }
            let label = Located(value: name, position: entry.key.position)
            guard let network = Self.network(label, entry.value, &reader) else { continue }
            if name == "oob" { management = network } else { networks.append(network) }
        }
        if let nodes = body["fuel"]?["network"]?["node"], let items = nodes.items {
            counted = Located(value: items.count, position: nodes.position)
        }
        roles = Self.roles(root["xci"]?["nodes_roles"])
        for (name, list) in Self.roles(body["osa"]?["nodes_roles"]) where name.hasPrefix("node") {
            if let number = Int(name.dropFirst(4)) { rolesByNumber[number] = list }
        }
        checkWires(&reader)
    }

    private static func roles(_ node: YAMLNode?) -> [String: [String]] {
        let pairs = (node?.entries ?? []).compactMap { entry in
            entry.key.text.map { ($0, (entry.value.items ?? []).compactMap(\.text)) }
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func network(
        _ name: Located<String>,
        _ node: YAMLNode,
        _ reader: inout YAMLReader
    ) -> Network? {
        guard let map = reader.anyMapping(node, "net_config: \(name.value)") else { return nil }
        var network = Network(name: name)
        if let index = map["interface"], !index.isNull {
            network.interface = reader.integer(index, "interface", in: 0...NICPosition.last)
                .map { Located(value: $0, position: index.position) }
        }
        network.vlans = vlans(map["vlan"], &reader)
        network.cidr = cidr(map, &reader)
        let cidr = network.cidr?.value
        network.range = range(map["ip-range"], in: cidr, &reader)
        if let gateway = map["gateway"], !gateway.isNull {
            network.gateway = reader.address(gateway, "gateway")
            if let cidr, let address = network.gateway?.value, !cidr.contains(address) {
                reader.error(
                    .addressOutside,
                    "gateway \(address) is outside of \(cidr)",
                    at: gateway.position,
                    hint: "take one inside"
                )
            }
        }
        for server in map["dns"].map({ $0.items ?? [$0] }) ?? [] where !server.isNull {
            _ = reader.address(server, "dns")
        }
        return network
    }

    /// `native`, a tag, or `first-last`.
    private static func vlans(_ node: YAMLNode?, _ reader: inout YAMLReader) -> ClosedRange<Int>? {
        guard let node, !node.isNull, let text = reader.text(node, "vlan"), text != "native" else {
            return nil
        }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        if (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first >= 1,
            last <= 4094, first <= last
        {
            return first...last
        }
        reader.error(
            .vlanNumber,
            "vlan cannot be “\(text)”",
            at: node.position,
            hint: "write native, a number from 1 to 4094, or two as in 1000-1030"
        )
        return nil
    }

    private static func cidr(
        _ map: YAMLReader.Mapping,
        _ reader: inout YAMLReader
    ) -> Located<IPv4Network>? {
        var length: Int?
        if let mask = map["mask"], !mask.isNull { length = reader.integer(mask, "mask", in: 0...32) }
        guard let node = map["network"], !node.isNull, let base = reader.address(node, "network") else {
            return nil
        }
        guard let length else {
            if map["mask"] == nil || map["mask"]?.isNull == true {
                reader.error(
                    "a network with an address has no “mask”",
                    at: node.position,
                    hint: "add “mask: 24”",
                    rule: YAMLRule.missingKey.rawValue
                )
            }
            return nil
        }
        let cidr = IPv4Network(containing: base.value, prefixLength: length)
        if cidr.base != base.value {
            reader.warning(
                .addressOutside,
                "network \(base.value) has bits beyond its mask: \(cidr) is meant",
                at: base.position,
                hint: "write \(cidr.base)"
            )
        }
        return Located(value: cidr, position: base.position)
    }

    private static func range(
        _ node: YAMLNode?,
        in cidr: IPv4Network?,
        _ reader: inout YAMLReader
    ) -> Located<IPv4Range>? {
        guard let node, !node.isNull, let text = reader.text(node, "ip-range") else { return nil }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map {
            IPv4Address(String($0))
        }
        guard ends.count == 2, let first = ends[0], let last = ends[1] else {
            reader.error(
                .rangePairs,
                "ip-range cannot be read from “\(text)”",
                at: node.position,
                hint: "write it like 10.20.0.10-10.20.0.99"
            )
            return nil
        }
        guard let range = IPv4Range(first: first, last: last) else {
            reader.error(
                .rangeReversed,
                "ip-range ends before it begins",
                at: node.position,
                hint: "swap the two addresses"
            )
            return nil
        }
        if let cidr, !cidr.contains(first) || !cidr.contains(last) {
            reader.error(
                .addressOutside,
                "ip-range \(range) is outside of \(cidr)",
                at: node.position,
                hint: "correct it, or the network"
            )
            return nil
        }
        return Located(value: range, position: node.position)
    }

    /// Two networks on one NIC are told apart by their tags, and all by their addresses.
    private func checkWires(_ reader: inout YAMLReader) {
        for (index, network) in networks.enumerated() {
            for other in networks[..<index] {
                if let mine = network.interface, mine.value == other.interface?.value,
                    Self.clash(network.vlans, other.vlans)
                {
                    let tag = network.vlans.map { "with VLAN \(Self.text($0))" } ?? "untagged"
                    reader.error(
                        .vlanClash,
                        "\(network.name.value) is on interface \(mine.value) \(tag), as \(other.name.value) is",
                        at: mine.position,
                        hint: "give one of them another vlan or interface"
                    )
                }
                if let mine = network.cidr, let theirs = other.cidr, mine.value.overlaps(theirs.value) {
                    reader.warning(
                        .networksOverlap,
                        "network \(network.name.value) (\(mine.value)) overlaps \(other.name.value) (\(theirs.value))",
                        at: network.name.position,
                        hint: "nodes cannot tell which way to send"
                    )
                }
            }
        }
    }

    static func clash(_ left: ClosedRange<Int>?, _ right: ClosedRange<Int>?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.overlaps(right)
    }

    static func text(_ vlans: ClosedRange<Int>) -> String {
        vlans.count == 1 ? "\(vlans.lowerBound)" : "\(vlans.lowerBound)-\(vlans.upperBound)"
    }
}
