import LabModel
import YAML

/// A value and where its file has it, for what is only found wrong later.
struct Located<Value: Sendable>: Sendable {
    var value: Value
    var position: YAMLNode.Position
}

extension YAMLReader {
    /// A text that engines take for a text too: YAML 1.1 sees numbers and truth values where nobody meant them.
    mutating func plainText(_ node: YAMLNode?, _ what: String) -> String? {
        guard let node, let text = text(node, what) else { return nil }
        if let meaning = node.misreading {
            warning(
                .misread,
                "\(what) “\(text)” is \(meaning) to readers of YAML 1.1, as engines are",
                at: node.position,
                hint: "quote it"
            )
        }
        return text
    }

    mutating func locatedText(_ node: YAMLNode?, _ what: String) -> Located<String>? {
        guard let node, let text = plainText(node, what) else { return nil }
        return Located(value: text, position: node.position)
    }

    mutating func address(_ node: YAMLNode?, _ what: String) -> Located<IPv4Address>? {
        guard let node else { return nil }
        return value(node, what, example: "10.20.0.1") { IPv4Address($0) }
            .map { Located(value: $0, position: node.position) }
    }

    mutating func mac(_ node: YAMLNode?, _ what: String) -> Located<MACAddress>? {
        guard let node, let mac = value(node, what, example: "44:a8:42:14:cd:0d", { MACAddress($0) }) else {
            return nil
        }
        _ = plainText(node, what)
        if mac.octets[0] & 1 != 0 || mac.octets.allSatisfy({ $0 == 0 }) {
            error(
                .macNoNIC,
                "\(what) \(mac) belongs to no single NIC",
                at: node.position,
                hint: "its first octet must be even, and not all may be 0"
            )
            return nil
        }
        return Located(value: mac, position: node.position)
    }

    /// The position of a NIC, `eth0` to `eth15`.
    mutating func nic(_ node: YAMLNode?, _ what: String) -> Located<String>? {
        guard let node, let name = text(node, what) else { return nil }
        return nic(named: name, at: node.position, what)
    }

    mutating func nic(named name: String, at position: YAMLNode.Position, _ what: String) -> Located<String>?
    {
        guard NICPosition(name) != nil else {
            error(
                .nicUnknown,
                "\(what) “\(name)” is no NIC",
                at: position,
                hint: "NICs are eth0 to eth\(NICPosition.last)"
            )
            return nil
        }
        return Located(value: name, position: position)
    }
}

/// The number of a NIC's position: 2 for `eth2`.
struct NICPosition {
    /// More than a server has, and few enough to be racked.
    static let last = 15
    let number: Int

    init?(_ name: String) {
        guard name.hasPrefix("eth"), let number = Int(name.dropFirst(3)), (0...Self.last).contains(number),
            name == "eth\(number)"
        else { return nil }
        self.number = number
    }
}
