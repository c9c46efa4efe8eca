import LabModel
import YAML

/// The jump host or a node of a pod descriptor file.
struct DescribedMachine {
    /// A NIC as the file lists it; one port may be listed as several, each with its VLANs.
    struct Port {
        var name: Located<String>
        /// Nil for a placeholder: whoever makes the machine gives it one.
        var mac: Located<MACAddress>?
        var address: Located<IPv4Address>?
        /// Tags; 0 is untagged.
        var vlans: [Int]
        /// The index of the entry that this one is the same port as.
        var sameAs: Int?
    }

    /// How the machine is powered.
    struct Management {
        var isLibvirt: Bool
        var address: Located<IPv4Address>?
        var mac: Located<MACAddress>?
        var user: String?
        var password: String?
        var version: String
    }

    var name: Located<String>
    var hardware: Hardware?
    var ports: [Port]
    var management: Management?

    init?(_ node: YAMLNode, isJumphost: Bool, _ reader: inout YAMLReader) {
        guard let label = node["name"], let name = label.text, !name.isEmpty else { return nil }
        self.name = Located(value: name, position: label.position)
        hardware = Self.hardware(node)
        ports = Self.ports(node["interfaces"], isVirtual: hardware?.isVirtual == true, name, &reader)
        management = node["remote_management"].map { Self.management($0, isNeeded: !isJumphost, &reader) }
    }

    /// What the schema has found wrong is not said again.
    private static func hardware(_ node: YAMLNode) -> Hardware? {
        guard let machine = node["node"], let type = machine["type"]?.text,
            let architecture = machine["arch"]?.text,
            let cpus = machine["cpus"]?.text.flatMap({ Int($0) }), (1...4096).contains(cpus),
            let cores = machine["cores"]?.text.flatMap({ Int($0) }), (1...4096).contains(cores),
            let memory = machine["memory"]?.text.flatMap({ Memory(described: $0) })
        else { return nil }
        let disks = (node["disks"]?.items ?? []).compactMap { disk -> Hardware.Disk? in
            guard let name = disk["name"]?.text, let kind = disk["disk_type"]?.text,
                let capacity = disk["disk_capacity"]?.text.flatMap({ Memory(described: $0) })
            else { return nil }
            return Hardware.Disk(name: name, kind: kind, capacity: capacity)
        }
        return Hardware(
            isVirtual: type == "virtual",
            vendor: machine["vendor"]?.text ?? "",
            model: machine["model"]?.text ?? "",
            architecture: architecture,
            cpus: cpus,
            coresPerCPU: cores,
            memory: memory,
            disks: disks
        )
    }

    // MARK: - Ports

    private static func ports(
        _ node: YAMLNode?,
        isVirtual: Bool,
        _ machine: String,
        _ reader: inout YAMLReader
    ) -> [Port] {
        var ports: [Port] = []
        for item in node?.items ?? [] {
            guard let label = item["name"], let name = label.text else { continue }
            let port = Port(
                name: Located(value: name, position: label.position),
                mac: mac(item["mac_address"], isVirtual: isVirtual, &reader),
                address: reader.describedAddress(item["address"], "address"),
                vlans: vlans(item["vlan"], &reader),
                sameAs: nil
            )
            if ports.contains(where: { $0.name.value == name }) {
                reader.warning(
                    .nicTwice,
                    "\(machine) has more than one \(name)",
                    at: port.mac?.position ?? item.position,
                    hint: "number its NICs through; their order counts"
                )
            }
            ports.append(merged(port, into: ports, machine, &reader))
        }
        if ports.count > NICPosition.last + 1, let node {
            reader.error(
                .nicUnknown,
                "\(machine) has \(ports.count) NICs",
                at: node.position,
                hint: "a node has \(NICPosition.last + 1) at most"
            )
            ports = Array(ports.prefix(NICPosition.last + 1))
        }
        return ports
    }

    /// One port listed as several NICs, which only their VLANs tell apart.
    private static func merged(
        _ port: Port,
        into ports: [Port],
        _ machine: String,
        _ reader: inout YAMLReader
    ) -> Port {
        guard let mac = port.mac,
            let index = ports.firstIndex(where: { $0.mac?.value == mac.value }),
            Set(ports[index].vlans).isDisjoint(with: port.vlans), !ports[index].vlans.isEmpty,
            !port.vlans.isEmpty
        else { return port }
        var port = port
        port.sameAs = index
        let tags = [ports[index], port].map { one in
            one.vlans.map { $0 == 0 ? "untagged" : "VLAN \($0)" }.joined(separator: ", ")
        }
        reader.warning(
            .portTwice,
            "\(port.name.value) of \(machine) has the MAC \(mac.value) of \(ports[index].name.value): one port listed as two NICs, for \(tags[0]) and \(tags[1])",
            at: mac.position,
            hint: "it is taken for one NIC with both"
        )
        return port
    }

    private static func mac(
        _ node: YAMLNode?,
        isVirtual: Bool,
        _ reader: inout YAMLReader
    ) -> Located<MACAddress>? {
        guard let node, let mac = node.text.flatMap({ MACAddress(described: $0) }) else { return nil }
        let isPlaceholder = mac.octets.allSatisfy { $0 == 0 }
        if isPlaceholder, isVirtual { return nil }
        if isPlaceholder {
            reader.warning(
                .macNoNIC,
                "mac_address \(mac) stands for one that nobody knows: an installer cannot tell the NIC",
                at: node.position,
                hint: "write the NIC's own; vlab derives one"
            )
            return nil
        }
        if mac.octets[0] & 1 != 0 {
            reader.error(
                .macNoNIC,
                "mac_address \(mac) belongs to no single NIC",
                at: node.position,
                hint: "its first octet must be even"
            )
            return nil
        }
        return Located(value: mac, position: node.position)
    }

    /// `native`, a number, or several with bars between them.
    private static func vlans(_ node: YAMLNode?, _ reader: inout YAMLReader) -> [Int] {
        guard let node, let text = node.text else { return [] }
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        let tags = parts.map { $0 == "native" ? 0 : Int($0).flatMap { (1...4094).contains($0) ? $0 : nil } }
        if tags.contains(nil) {
            reader.error(
                .vlanNumber,
                "vlan cannot be “\(text)”",
                at: node.position,
                hint: "write native, a number from 1 to 4094, or several as in 'native|101'"
            )
        }
        return tags.compactMap { $0 }
    }

    // MARK: - Management

    private static func management(
        _ node: YAMLNode,
        isNeeded: Bool,
        _ reader: inout YAMLReader
    ) -> Management {
        let isLibvirt = node["type"]?.text == "libvirt"
        let versions = (node["versions"]?.items ?? []).compactMap { $0.text.flatMap { Double($0) } }
        let mac = node["mac_address"].flatMap { found in
            // All zeros stand for one that nobody knows.
            found.text.flatMap { MACAddress(described: $0) }
                .flatMap { $0.octets.allSatisfy { $0 == 0 } ? nil : $0 }
                .map { Located(value: $0, position: found.position) }
        }
        return Management(
            isLibvirt: isLibvirt,
            address: isLibvirt ? nil : reader.describedAddress(node["address"], "address"),
            mac: isLibvirt ? nil : mac,
            user: isNeeded && !isLibvirt ? secret(node["user"], "user", most: 16, &reader) : nil,
            password: isNeeded && !isLibvirt ? secret(node["pass"], "pass", most: 20, &reader) : nil,
            version: versions.max().map { "\($0)" } ?? "2.0"
        )
    }

    /// A user or a password in clear; eyaml's cipher text needs a key that nobody but the lab's owner has.
    private static func secret(
        _ node: YAMLNode?,
        _ what: String,
        most: Int,
        _ reader: inout YAMLReader
    ) -> String? {
        guard let node, let text = node.text else { return nil }
        if let secret = EncryptedValue(text) {
            reader.error(
                .credentialsEncrypted,
                "“\(what)” of remote_management is encrypted (\(secret.scheme)), and \(secret.key) is not here",
                at: node.position,
                hint: "write the clear text instead, as “eyaml decrypt” shows it to who has the key"
            )
            return nil
        }
        if text.utf8.count > most {
            reader.error(
                .credentialsLong,
                "\(what) is longer than the \(most) bytes that IPMI allows",
                at: node.position
            )
        }
        return text
    }
}

/// A value that hiera-eyaml has encrypted: `ENC[PKCS7,…]`.
struct EncryptedValue {
    var scheme: String

    init?(_ text: String) {
        let start = text.drop { $0.isWhitespace }
        guard start.hasPrefix("ENC[") else { return nil }
        let name = start.dropFirst(4).prefix { $0 != "," && $0 != "]" }
        scheme = start.contains(",") && name.count <= 16 ? String(name) : "PKCS7"
    }

    /// What reads it, by eyaml's own name for it.
    var key: String {
        scheme == "PKCS7"
            ? "eyaml's private key, private_key.pkcs7.pem,"
            : "the private key of eyaml's scheme \(scheme)"
    }
}

extension YAMLReader {
    /// An address with or without the length of its prefix.
    mutating func describedAddress(_ node: YAMLNode?, _ what: String) -> Located<IPv4Address>? {
        guard let node, node.text != nil else { return nil }
        return value(node, what, example: "10.20.0.16 or 10.20.0.16/24") { text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            let isLengthGood =
                parts.count == 1 || (parts.count == 2 && Int(parts[1]).map { (0...32).contains($0) } == true)
            return isLengthGood ? IPv4Address(String(parts[0])) : nil
        }.map { Located(value: $0, position: node.position) }
    }
}
