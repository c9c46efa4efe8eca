import LabModel
import YAML

/// `public_net_info`: what OpenStack will offer its users; no wire of the pod depends on it, so it is only checked.
struct PublicNetwork {
    @discardableResult
    init?(_ node: YAMLNode?, _ reader: inout YAMLReader) {
        let addresses = ["external_gw", "floating_ip_start", "floating_ip_end"]
        let flags = ["enable", "enable_dhcp", "no_gateway"]
        let texts = ["network", "subnet", "router", "provider_network", "type"]
        let map = reader.mapping(
            node,
            "public_net_info",
            optional: addresses + flags + texts + ["segment_id", "floating_ip_cidr"]
        )
        guard let map else { return nil }
        for key in texts { _ = reader.text(map[key], key) }
        for key in flags { Self.checkFlag(map[key], key, &reader) }
        _ = reader.integer(map["segment_id"], "segment_id", in: 0...16_777_215)
        let cidr = reader.value(map["floating_ip_cidr"], "floating_ip_cidr", example: "192.168.20.0/24") {
            IPv4Network($0)
        }
        let found = addresses.map { reader.address(map[$0], $0) }
        for (key, address) in zip(addresses, found) {
            if let address, let cidr, !cidr.contains(address.value) {
                reader.error(
                    "\(key) \(address.value) is outside of \(cidr)",
                    at: address.position,
                    hint: "correct it, or floating_ip_cidr"
                )
            }
        }
        if let first = found[1], let last = found[2], first.value > last.value {
            reader.error(
                "floating_ip_end comes before floating_ip_start",
                at: last.position,
                hint: "swap the two"
            )
        }
    }

    /// The playbooks compare with the text "True": a real truth value silently means no.
    private static func checkFlag(_ node: YAMLNode?, _ what: String, _ reader: inout YAMLReader) {
        guard let node, let text = reader.text(node, what) else { return }
        guard ["True", "False", "true", "false"].contains(text) else {
            reader.error(
                "\(what) cannot be “\(text)”",
                at: node.position,
                hint: "write \"True\" or \"False\""
            )
            return
        }
        guard case .scalar(_, .quoted) = node.content, text == "True" || text == "False" else {
            reader.warning(
                "\(what) is not the text \"\(text.prefix(1).uppercased() + text.dropFirst())\", the only one that Compass4nfv understands",
                at: node.position,
                hint: "quote it"
            )
            return
        }
    }
}
