import LabModel
import YAML

/// A host of a DHA file.
struct HardwareHost {
    var name: Located<String>
    var roles: [String]
    /// The BMC's, when eth0 is among `interfaces`; else eth0's own.
    var mac: Located<MACAddress>?
    /// By NIC position, in the file's order.
    var interfaces: [(nic: String, mac: Located<MACAddress>)]
    var bmc: Located<BMCAccess>?

    /// The MAC that the file gives a NIC.
    func mac(of nic: String) -> MACAddress? {
        interfaces.first { $0.nic == nic }?.mac.value ?? (nic == "eth0" ? mac?.value : nil)
    }

    /// The MAC that is the BMC's, because eth0 has one of its own.
    var macOfBMC: Located<MACAddress>? {
        mac.flatMap { mac in
            interfaces.contains { $0.nic == "eth0" && $0.mac.value != mac.value } ? mac : nil
        }
    }

    /// The BMC, with its MAC where that is known.
    var access: BMCAccess? {
        var access = bmc?.value
        access?.mac = macOfBMC?.value
        return access
    }

    /// Every MAC and whose it is; one that is given in both places counts once.
    var allMACs: [(owner: String, mac: Located<MACAddress>)] {
        var all = interfaces.map { (owner: $0.nic, mac: $0.mac) }
        if let mac, all.allSatisfy({ $0.owner != "eth0" || $0.mac.value != mac.value }) {
            let isPXE = all.allSatisfy { $0.owner != "eth0" }
            all.insert((isPXE ? "eth0" : "BMC", mac), at: 0)
        }
        return all
    }

    init?(
        _ node: YAMLNode,
        _ defaults: HardwareFile.AccessDefaults,
        isVirtual: Bool,
        _ reader: inout YAMLReader
    ) {
        let map = reader.mapping(
            node,
            "a host",
            required: ["name", "roles"],
            optional: [
                "mac", "interfaces", "ipmiIp", "ipmiUser", "ipmiPass", "ipmiVer", "power_ip", "power_user",
                "power_pass", "power_type", "location",
            ]
        )
        guard let map else { return nil }
        let name = reader.locatedText(map["name"], "name")
        if let name, Self.check(name, &reader), name.value != name.value.lowercased() {
            reader.warning(
                .hostNameCase,
                "“\(name.value)” has capital letters, which DNS does not tell from small ones and containers refuse",
                at: name.position,
                hint: "write it in small letters"
            )
        }
        roles = reader.texts(map["roles"], "roles") ?? []
        for item in map["roles"]?.items ?? [] {
            guard let role = item.text, !HardwareFile.roles.contains(role) else { continue }
            let hint = Suggestion.hint(for: role, among: HardwareFile.roles, "role")
            reader.error(.roleUnknown, "unknown role “\(role)”", at: item.position, hint: hint)
        }
        if let name, let node = map["roles"], node.items?.isEmpty == true {
            reader.warning(
                .roleMissing,
                "\(name.value) has no role",
                at: node.position,
                hint: "give it one, such as compute"
            )
        }
        interfaces = Self.interfaces(map["interfaces"], &reader)
        if let inside = map["mac"], inside.entries != nil {
            // The unreleased branch writes eth0's MAC as a mapping of its own.
            interfaces += Self.interfaces(inside, &reader)
        } else {
            mac = reader.mac(map["mac"], "mac")
        }
        if !isVirtual || map["ipmiIp"] != nil || map["power_ip"] != nil {
            bmc = Self.bmc(map, defaults, &reader)
        }
        guard let name else { return nil }
        self.name = name
    }

    private static func check(_ name: Located<String>, _ reader: inout YAMLReader) -> Bool {
        guard !DNSLabel.isValid(name.value) else { return true }
        reader.error(
            .hostName,
            "“\(name.value)” cannot be a host's name",
            at: name.position,
            hint: DNSLabel.rule
        )
        return false
    }

    /// A list of single-key mappings, or the unreleased branch's one mapping.
    private static func interfaces(
        _ node: YAMLNode?,
        _ reader: inout YAMLReader
    ) -> [(nic: String, mac: Located<MACAddress>)] {
        var entries = node?.entries ?? []
        if node?.entries == nil {
            for item in reader.sequence(node, "interfaces") ?? [] {
                guard let own = item.entries, own.count == 1 else {
                    reader.error(
                        .schema,
                        "an item of interfaces must be one NIC: “- eth0: MAC”",
                        at: item.position
                    )
                    continue
                }
                entries += own
            }
        }
        var found: [(nic: String, mac: Located<MACAddress>)] = []
        for entry in entries {
            guard let name = entry.key.text else { continue }
            let nic = reader.nic(named: name, at: entry.key.position, "interface")
            let mac = reader.mac(entry.value, "the MAC of \(name)")
            guard let nic, let mac else { continue }
            if found.contains(where: { $0.nic == nic.value }) {
                reader.error(
                    .nicTwice,
                    "\(nic.value) is here twice",
                    at: nic.position,
                    hint: "keep one of them"
                )
            } else {
                found.append((nic.value, mac))
            }
        }
        return found
    }

    private static func bmc(
        _ map: YAMLReader.Mapping,
        _ defaults: HardwareFile.AccessDefaults,
        _ reader: inout YAMLReader
    ) -> Located<BMCAccess>? {
        // The unreleased branch renamed the keys.
        let isRenamed = map["ipmiIp"] == nil && map["power_ip"] != nil
        let keys = isRenamed ? ["power_ip", "power_user", "power_pass"] : ["ipmiIp", "ipmiUser", "ipmiPass"]
        if map[keys[0]] == nil {
            reader.error(
                "a host has no “\(keys[0])”",
                at: map.position,
                hint: "add “\(keys[0]):”",
                rule: YAMLRule.missingKey.rawValue
            )
        }
        let address = reader.address(map[keys[0]], keys[0])
        let user = reader.plainText(map[keys[1]], keys[1]) ?? defaults.user
        let password = reader.plainText(map[keys[2]], keys[2]) ?? defaults.password
        let version = HardwareFile.version(map["ipmiVer"], &reader) ?? defaults.version ?? "2.0"
        // IPMI 2.0 §22.28 and §22.30: how long a name and a password may be.
        for (key, value, most) in [(keys[1], user, 16), (keys[2], password, 20)] {
            if let value, value.utf8.count > most {
                reader.error(
                    .credentialsLong,
                    "\(key) is longer than the \(most) bytes that IPMI allows",
                    at: map.place(of: key)
                )
            }
            if value == nil, map[key] == nil {
                reader.error(
                    .credentialsMissing,
                    "the host has no \(key)",
                    at: map.position,
                    hint: "give it here, or for all at the top"
                )
            }
        }
        if let password, password.contains(where: { "*?[]$`\\\"'!&;|<>(){}~# ".contains($0) }) {
            reader.warning(
                .shellText,
                "\(keys[2]) has letters that a shell reads, and Compass4nfv hands it to one unquoted",
                at: map[keys[2]] == nil ? map.position : map.place(of: keys[2]),
                hint: "take letters, digits, - and _"
            )
        }
        guard let address, let user, let password else { return nil }
        let access = BMCAccess(address: address.value, user: user, password: password, version: version)
        return Located(value: access, position: address.position)
    }
}
