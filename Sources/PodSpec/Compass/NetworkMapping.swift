import LabModel
import YAML

/// An entry of `sys_intf_mappings`: which NIC carries a network for some roles, and with which tag.
struct NetworkMapping {
    var name: Located<String>
    /// A NIC, a bond, or a bridge of `provider_net_mappings`.
    var interface: Located<String>
    var kind: String
    var vlan: Int?
    /// Compass4nfv knows a network without this key by its interface's name.
    var hasTagKey: Bool
    /// Empty when the file does not say: then all roles.
    var roles: [String]

    private enum Kind: String, CaseIterable { case normal, vlan, ovs, dpdk, sriov }

    init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        let map = reader.mapping(
            node,
            "an entry of sys_intf_mappings",
            required: ["name", "interface"],
            optional: ["type", "vlan_tag", "role"]
        )
        guard let map else { return nil }
        // OpenStack's templates never read the type; only the tag decides.
        let kind = reader.choice(map["type"], "type", Kind.self) ?? .normal
        roles = reader.networkRoles(map["role"])
        let tag = Self.vlan(map["vlan_tag"], &reader)
        let name = reader.locatedText(map["name"], "name")
        let interface = reader.locatedText(map["interface"], "interface")
        if kind == .dpdk, let place = map["type"]?.position {
            reader.note(
                .rackDPDK,
                "type dpdk: the lab's NICs are virtio, and whether DPDK's drivers take them is the guest's matter",
                at: place
            )
        }
        if kind == .sriov || name?.value == "sriov" {
            reader.note(
                .rackSRIOV,
                "SR-IOV: the lab's NICs have no virtual functions, so guests find none",
                at: name?.position ?? node.position
            )
        }
        guard let name, let interface, let tag else { return nil }
        (self.name, self.interface, vlan) = (name, interface, tag)
        (self.kind, hasTagKey) = (kind.rawValue, map["vlan_tag"] != nil)
    }

    /// The tag as the templates see it; nil when it is wrong.
    ///
    /// They ask for `vlan_tag | int`, where what is no number counts as 0, and 0 is untagged.
    private static func vlan(_ node: YAMLNode?, _ reader: inout YAMLReader) -> Int?? {
        guard let node else { return .some(nil) }
        guard let text = node.text else {
            reader.error(
                .vlanNumber,
                "vlan_tag must be a number or None, not \(node.kind)",
                at: node.position,
                hint: "a network has one tag: write it without brackets"
            )
            return nil
        }
        guard let tag = number(node, text, &reader) else {
            if !node.isNull, !["None", "none", ""].contains(text) {
                reader.warning(
                    .vlanNumber,
                    "vlan_tag “\(text)” is no number and counts as untagged",
                    at: node.position,
                    hint: "write None"
                )
            }
            return .some(nil)
        }
        guard (0...4094).contains(tag) else {
            reader.error(
                .vlanNumber,
                "vlan_tag \(tag) does not exist",
                at: node.position,
                hint: "tags are 1 to 4094, or None"
            )
            return nil
        }
        return .some(tag == 0 ? nil : tag)
    }

    /// The number that engines read: unquoted, `010` is 8 to them.
    private static func number(_ node: YAMLNode, _ text: String, _ reader: inout YAMLReader) -> Int? {
        guard case .scalar(_, .plain) = node.content, case .integer(let read?) = YAML11(text) else {
            return Int(text)
        }
        if Int(text) != read {
            reader.warning(
                .misread,
                "vlan_tag “\(text)” is the number \(read) to readers of YAML 1.1, as engines are",
                at: node.position,
                hint: "write \(read), if that is meant"
            )
        }
        return read
    }

    /// Whether both are for one role at least.
    func sharesRole(with other: NetworkMapping) -> Bool {
        roles.isEmpty || other.roles.isEmpty || roles.contains { other.roles.contains($0) }
    }
}

extension YAMLReader {
    /// Roles as networks name them: one, or a list.
    mutating func networkRoles(_ node: YAMLNode?) -> [String] {
        texts(node, "role", orOne: true) ?? []
    }
}
