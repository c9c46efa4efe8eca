import LabModel
import YAML

/// A node of `pod.yml`, as it is written.
struct OwnNode {
    /// Where its BMC is, as far as the file says.
    enum BMC {
        /// The file says nothing: its address is derived.
        case derived
        /// The file says that there is none.
        case none
        case written(OwnBMC)
    }

    var name: Located<String>
    var roles: [Located<String>] = []
    /// By position; a NIC without a MAC is one whose MAC is derived.
    var nics: [(name: Located<String>, mac: Located<MACAddress>?)] = []
    var bmc = BMC.derived
    var hardware: Hardware?

    private enum MachineType: String, CaseIterable { case baremetal, virtual }
    private enum Architecture: String, CaseIterable { case x86 = "x86_64", arm = "aarch64" }
    private enum DiskKind: String, CaseIterable { case hdd, ssd, cdrom, tape }

    init(_ name: Located<String>, _ node: YAMLNode, _ reader: inout YAMLReader) {
        self.name = name
        if !DNSLabel.isValid(name.value) {
            reader.error(
                .hostName,
                "“\(name.value)” cannot be a host's name",
                at: name.position,
                hint: DNSLabel.rule
            )
        } else if name.value != name.value.lowercased() {
            reader.warning(
                .hostNameCase,
                "“\(name.value)” has capital letters, which DNS does not tell from small ones",
                at: name.position,
                hint: "write it in small letters"
            )
        }
        guard !node.isNull, let map = reader.mapping(node, "node \(name.value)", as: .node) else { return }
        roles = reader.ownTexts(map["roles"], "roles") ?? []
        for (nic, mac) in reader.named(map["nics"], "nics") {
            guard let nic = reader.nic(named: nic.value, at: nic.position, "NIC") else { continue }
            nics.append((nic, mac.isNull ? nil : reader.ownMAC(mac, "the MAC of \(nic.value)")))
        }
        if let node = map["bmc"] {
            bmc = reader.isNone(node) ? .none : OwnBMC(node, &reader).map { .written($0) } ?? .derived
        }
        hardware = map["hardware"].flatMap { Self.hardware($0, &reader) }
    }

    private static func hardware(_ node: YAMLNode, _ reader: inout YAMLReader) -> Hardware? {
        guard let map = reader.mapping(node, "hardware", as: .hardware) else { return nil }
        let type = reader.ownChoice(map["type"], "type", MachineType.self) ?? .baremetal
        let architecture = reader.ownChoice(map["architecture"], "architecture", Architecture.self) ?? .x86
        let texts = ["vendor", "model"].map { key in map[key].flatMap { reader.schemaText($0, key) } ?? "" }
        let cpus = reader.integer(map["cpus"], "cpus", in: 1...4096)
        let cores = reader.integer(map["cores"], "cores", in: 1...4096) ?? 1
        let memory = reader.ownSize(map["memory"], "memory")
        let disks = (reader.sequence(map["disks"], "disks") ?? []).compactMap { disk(in: $0, &reader) }
        guard let cpus, let memory else { return nil }
        return Hardware(
            isVirtual: type == .virtual,
            vendor: texts[0],
            model: texts[1],
            architecture: architecture.rawValue,
            cpus: cpus,
            coresPerCPU: cores,
            memory: memory,
            disks: disks
        )
    }

    private static func disk(in node: YAMLNode, _ reader: inout YAMLReader) -> Hardware.Disk? {
        guard let map = reader.mapping(node, "a disk", as: .disk) else { return nil }
        let name = reader.ownText(map["name"], "name")
        let kind = reader.ownChoice(map["kind"], "kind", DiskKind.self) ?? .hdd
        let capacity = reader.ownSize(map["capacity"], "capacity")
        guard let name, let capacity else { return nil }
        return Hardware.Disk(name: name.value, kind: kind.rawValue, capacity: capacity)
    }
}

/// What `pod.yml` says of a node's BMC: an address alone, or what differs from the other BMCs too.
struct OwnBMC {
    var address: Located<IPv4Address>
    var user: String?
    var password: String?
    var version: String?
    var mac: Located<MACAddress>?

    init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        guard node.entries != nil else {
            guard let address = reader.ownAddress(node, "bmc") else { return nil }
            self.address = address
            return
        }
        guard let map = reader.mapping(node, "bmc", as: .bmc) else { return nil }
        user = reader.credential(map["user"], "user", most: 16)
        password = reader.credential(map["password"], "password", most: 20)
        version = reader.bmcVersion(map["version"])
        mac = map["mac"].flatMap { reader.ownMAC($0, "mac") }
        guard let address = reader.ownAddress(map["address"], "address") else { return nil }
        self.address = address
    }
}

extension YAMLReader {
    /// A user or a password, as long as IPMI takes it (IPMI 2.0 §22.28 and §22.30).
    mutating func credential(_ node: YAMLNode?, _ what: String, most: Int) -> String? {
        guard let text = ownText(node, what) else { return nil }
        if text.value.utf8.count > most {
            error(
                .credentialsLong,
                "\(what) is longer than the \(most) bytes that IPMI allows",
                at: text.position
            )
        }
        return text.value
    }

    mutating func bmcVersion(_ node: YAMLNode?) -> String? {
        guard let text = ownText(node, "version") else { return nil }
        if ["1.0", "1.5", "2.0"].contains(text.value) { return text.value }
        error(
            .bmcVersion,
            "IPMI has no version “\(text.value)”",
            at: text.position,
            hint: "write \"1.5\" or \"2.0\""
        )
        return nil
    }

    mutating func ownAddress(_ node: YAMLNode?, _ what: String) -> Located<IPv4Address>? {
        guard let node, ownText(node, what) != nil else { return nil }
        return address(node, what)
    }

    mutating func ownMAC(_ node: YAMLNode, _ what: String) -> Located<MACAddress>? {
        ownText(node, what) == nil ? nil : mac(node, what)
    }

    /// Two addresses with a hyphen between them, as in `10.20.0.50-10.20.0.99`.
    mutating func ownRange(_ node: YAMLNode?, _ what: String) -> Located<IPv4Range>? {
        guard let node, let text = ownText(node, what)?.value else { return nil }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map {
            IPv4Address(String($0))
        }
        guard ends.count == 2, let first = ends[0], let last = ends[1] else {
            error(
                .rangePairs,
                "\(what) cannot be read from “\(text)”",
                at: node.position,
                hint: "write it like 10.20.0.50-10.20.0.99"
            )
            return nil
        }
        guard let range = IPv4Range(first: first, last: last) else {
            error(
                .rangeReversed,
                "\(what) ends before it begins",
                at: node.position,
                hint: "swap the two addresses"
            )
            return nil
        }
        return Located(value: range, position: node.position)
    }

    /// A size such as `512M`, `64G` or `1.8T`.
    mutating func ownSize(_ node: YAMLNode?, _ what: String) -> Memory? {
        guard let node, ownText(node, what) != nil else { return nil }
        return value(node, what, example: "64G or 1.8T") { Memory($0) ?? Memory(described: $0) }
    }
}
