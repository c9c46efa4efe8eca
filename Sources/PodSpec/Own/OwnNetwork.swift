import LabModel
import YAML

/// A network of `pod.yml`, as it is written.
struct OwnNetwork {
    /// What carries it.
    enum Carrier: Equatable {
        case nic(String)
        case bond(String)
        /// A NIC of its own.
        case derived
    }

    /// Something that is derived unless it is written, or written that there is none.
    enum Choice<Value: Sendable> {
        case derived
        case none
        case written(Located<Value>)

        var written: Located<Value>? { if case .written(let value) = self { value } else { nil } }
    }

    /// How some roles are attached, when not all are alike.
    struct Attachment {
        var roles: [String]
        /// Nil where the roles decide.
        var nodes: [String]?
        var nic: Located<String>
        var vlan: Int?
        var kind: String
    }

    var name: Located<String>
    var carrier = Carrier.derived
    /// Where the carrier is written, else the network's name.
    var carrierPosition: YAMLNode.Position
    /// First and last tag; nil when untagged.
    var vlans: ClosedRange<Int>?
    var cidr: Located<IPv4Network>
    var gateway = Choice<IPv4Address>.derived
    var range: Located<IPv4Range>?
    var dhcp = Choice<IPv4Range>.derived
    var addresses: [(node: Located<String>, address: Located<IPv4Address>)] = []
    var attachments: [Attachment] = []

    private enum Kind: String, CaseIterable { case normal, vlan, ovs, dpdk, sriov }

    init?(_ name: Located<String>, _ node: YAMLNode, _ reader: inout YAMLReader) {
        guard let map = reader.mapping(node, "network \(name.value)", as: .network) else { return nil }
        (self.name, carrierPosition) = (name, name.position)
        if let nic = reader.ownText(map["nic"], "nic"),
            reader.nic(named: nic.value, at: nic.position, "nic") != nil
        {
            (carrier, carrierPosition) = (.nic(nic.value), nic.position)
        }
        if let bond = reader.ownText(map["bond"], "bond") {
            if map["nic"] != nil {
                reader.schemaError("a network is on a nic or on a bond, not on both", node)
            }
            (carrier, carrierPosition) = (.bond(bond.value), bond.position)
        }
        vlans = Self.vlans(map["vlan"], &reader)
        let cidr: IPv4Network? =
            reader.ownText(map["cidr"], "cidr") == nil
            ? nil : reader.value(map["cidr"], "cidr", example: "10.20.0.0/24") { IPv4Network($0) }
        if let node = map["gateway"] {
            gateway =
                reader.isNone(node)
                ? .none : reader.ownAddress(node, "gateway").map { .written($0) } ?? .none
        }
        range = reader.ownRange(map["range"], "range")
        if let node = map["dhcp"] {
            dhcp = reader.isNone(node) ? .none : reader.ownRange(node, "dhcp").map { .written($0) } ?? .none
        }
        for (node, value) in reader.named(map["addresses"], "addresses") {
            guard let address = reader.ownAddress(value, "the address of \(node.value)") else { continue }
            addresses.append((node, address))
        }
        attachments = (reader.sequence(map["attachments"], "attachments") ?? []).compactMap {
            Self.attachment($0, &reader)
        }
        guard let cidr, let place = map["cidr"]?.position else { return nil }
        self.cidr = Located(value: cidr, position: place)
        checkInside(&reader)
    }

    private static func attachment(_ node: YAMLNode, _ reader: inout YAMLReader) -> Attachment? {
        guard let map = reader.mapping(node, "an attachment", as: .attachment) else { return nil }
        let roles = reader.ownTexts(map["roles"], "roles") ?? []
        let nic = reader.ownText(map["nic"], "nic").flatMap {
            reader.nic(named: $0.value, at: $0.position, "nic")
        }
        let vlans = vlans(map["vlan"], &reader)
        let kind = reader.ownChoice(map["kind"], "kind", Kind.self) ?? .normal
        guard let nic else { return nil }
        return Attachment(
            roles: roles.map(\.value),
            nodes: reader.ownTexts(map["nodes"], "nodes")?.map(\.value),
            nic: nic,
            vlan: vlans?.lowerBound,
            kind: kind.rawValue
        )
    }

    /// A tag, or the first and the last of several as in `1000-1030`.
    private static func vlans(_ node: YAMLNode?, _ reader: inout YAMLReader) -> ClosedRange<Int>? {
        guard let node else { return nil }
        guard let text = node.text, !node.isNull else {
            let hint = "write 101, or 1000-1030"
            reader.schemaError("vlan must be a number, not \(node.kind)", node, hint: hint)
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
            hint: "write a number from 1 to 4094, two as in 1000-1030, or leave it out"
        )
        return nil
    }

    /// What is written lies in the network.
    private func checkInside(_ reader: inout YAMLReader) {
        let ranges = [("range", range), ("dhcp", dhcp.written)].flatMap { what, range in
            range.map { found in
                [found.value.first, found.value.last].map {
                    (what, Located(value: $0, position: found.position))
                }
            } ?? []
        }
        let single =
            (gateway.written.map { [("gateway", $0)] } ?? [])
            + addresses.map { ("the address of \($0.node.value)", $0.address) }
        for (what, address) in single + ranges where !cidr.value.contains(address.value) {
            reader.error(
                .addressOutside,
                "\(what) \(address.value) is outside of \(cidr.value)",
                at: address.position,
                hint: "correct it, or the cidr"
            )
        }
    }
}
