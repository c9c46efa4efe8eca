import LabModel
import YAML

/// `public_net_info`: what OpenStack will offer its users; no wire of the pod depends on it, but its addresses must be free.
struct PublicNetwork {
    var cidr: Located<IPv4Network>?
    var gateway: Located<IPv4Address>?
    var floating: Located<IPv4Range>?

    init?(_ node: YAMLNode?, _ reader: inout YAMLReader) {
        let addresses = ["external_gw", "floating_ip_start", "floating_ip_end"]
        let flags = ["enable", "enable_dhcp", "no_gateway"]
        let texts = ["network", "subnet", "router", "provider_network"]
        let map = reader.mapping(
            node,
            "public_net_info",
            optional: addresses + flags + texts + ["type", "segment_id", "floating_ip_cidr"]
        )
        guard let map else { return nil }
        for key in texts { _ = reader.plainText(map[key], key) }
        for key in flags { Self.checkFlag(map[key], key, &reader) }
        Self.checkType(map["type"], &reader)
        _ = reader.integer(map["segment_id"], "segment_id", in: 0...16_777_215)
        let network = reader.value(
            map["floating_ip_cidr"],
            "floating_ip_cidr",
            example: "192.168.20.0/24"
        ) { IPv4Network($0) }
        let found = addresses.map { reader.address(map[$0], $0) }
        for (key, address) in zip(addresses, found) {
            if let address, let network, !network.contains(address.value) {
                reader.error(
                    .addressOutside,
                    "\(key) \(address.value) is outside of \(network)",
                    at: address.position,
                    hint: "correct it, or floating_ip_cidr"
                )
            }
        }
        cidr = network.map { Located(value: $0, position: map["floating_ip_cidr"]?.position ?? map.position) }
        gateway = found[0]
        guard let first = found[1], let last = found[2] else { return }
        if let range = IPv4Range(first: first.value, last: last.value) {
            floating = Located(value: range, position: first.position)
        } else {
            reader.error(
                .rangeReversed,
                "floating_ip_end comes before floating_ip_start",
                at: last.position,
                hint: "swap the two"
            )
        }
    }

    private static func checkType(_ node: YAMLNode?, _ reader: inout YAMLReader) {
        guard let node, let text = reader.text(node, "type"), !["flat", "vlan"].contains(text) else { return }
        reader.warning(
            .externalType,
            "Compass4nfv makes an external network of type flat or vlan, none of type \(text)",
            at: node.position,
            hint: "write flat"
        )
    }

    /// The playbooks compare with the text "True": a real truth value silently means no.
    private static func checkFlag(_ node: YAMLNode?, _ what: String, _ reader: inout YAMLReader) {
        guard let node, let text = reader.text(node, what) else { return }
        guard ["True", "False", "true", "false"].contains(text) else {
            reader.error(
                .truthText,
                "\(what) cannot be “\(text)”",
                at: node.position,
                hint: "write \"True\" or \"False\""
            )
            return
        }
        guard case .scalar(_, .quoted) = node.content, text == "True" || text == "False" else {
            reader.warning(
                .truthText,
                "\(what) is not the text \"\(text.prefix(1).uppercased() + text.dropFirst())\", the only one that Compass4nfv understands",
                at: node.position,
                hint: "quote it"
            )
            return
        }
    }
}
