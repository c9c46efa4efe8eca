import LabModel
import YAML

/// Compass4nfv's DHA file as it is written: hosts, their BMCs and roles.
struct HardwareFile {
    struct Host {
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
    }

    var hosts: [Host] = []

    /// All roles of all branches of Compass4nfv, and those that only its database knows.
    static let roles: Set<String> = [
        "controller", "compute", "ha", "odl", "onos", "opencontrail", "open-contrail", "moon", "ceph-adm",
        "ceph-mon",
        "ceph-osd", "kube_master", "kube_node", "etcd", "storage_master", "storage_node", "allinone-compute",
        "network",
        "storage", "ceph", "ceph-osd-node", "sec-patch", "none", "compute-controller", "compute-worker",
        "network-server", "network-worker", "database", "messaging", "image", "dashboard", "identity",
        "storage-controller", "storage-volume",
    ]

    private static let flags = ["odl_l3_agent", "onos_sfc", "moon", "odl_sfc"]

    init?(_ root: YAMLNode, _ reader: inout YAMLReader) {
        let top = reader.mapping(
            root,
            "the DHA file",
            required: ["TYPE", "FLAVOR", "hosts"],
            optional: [
                "NAME", "POWER_TOOL", "ipmiUser", "ipmiPass", "ipmiVer", "plugins", "cluster_param",
                "deploy_options",
            ] + Self.flags
        )
        guard let top else { return nil }
        if let node = top["TYPE"], let type = reader.text(node, "TYPE"), type != "baremetal" {
            reader.error(
                "TYPE “\(type)” cannot be racked yet",
                at: node.position,
                hint: "only baremetal, which has BMCs, can"
            )
        }
        if let node = top["POWER_TOOL"], let tool = reader.text(node, "POWER_TOOL"), tool != "ipmitool" {
            reader.error(
                "POWER_TOOL “\(tool)” cannot be racked",
                at: node.position,
                hint: "BMCs here speak to ipmitool"
            )
        }
        for key in ["FLAVOR", "NAME"] + Self.flags { _ = reader.text(top[key], key) }
        for key in ["plugins", "cluster_param"] { _ = reader.sequence(top[key], key) }
        let access = AccessDefaults(
            user: reader.text(top["ipmiUser"], "ipmiUser"),
            password: reader.text(top["ipmiPass"], "ipmiPass"),
            version: Self.version(top["ipmiVer"], &reader)
        )
        if let node = top["hosts"], let items = reader.sequence(node, "hosts") {
            if items.isEmpty {
                reader.error("hosts is empty", at: node.position, hint: "a pod has at least one")
            }
            hosts = items.compactMap { Host($0, access, &reader) }
        }
        checkUnique(&reader)
    }

    fileprivate struct AccessDefaults {
        var user: String?
        var password: String?
        var version: String?
    }

    fileprivate static func version(_ node: YAMLNode?, _ reader: inout YAMLReader) -> String? {
        guard let node, let version = reader.text(node, "ipmiVer") else { return nil }
        if ["1.0", "1.5", "2.0"].contains(version) { return version }
        reader.error("ipmiVer “\(version)” does not exist", at: node.position, hint: "write '1.0' or '2.0'")
        return nil
    }

    /// What no two hosts may share.
    private func checkUnique(_ reader: inout YAMLReader) {
        var names: [String: String] = [:]
        var addresses: [IPv4Address: String] = [:]
        var macs: [MACAddress: String] = [:]
        for host in hosts {
            let name = host.name.value
            if names.updateValue(name, forKey: name.lowercased()) != nil {
                reader.error("two hosts are named \(name)", at: host.name.position, hint: "rename one")
            }
            if let bmc = host.bmc, let other = addresses.updateValue(name, forKey: bmc.value.address) {
                reader.error(
                    "\(name) has the BMC address \(bmc.value.address) of \(other)",
                    at: bmc.position,
                    hint: "each BMC has its own"
                )
            }
            var mine = host.interfaces.map { ($0.nic, $0.mac) }
            if let mac = host.mac {
                let isPXE = host.interfaces.allSatisfy { $0.nic != "eth0" }
                // A file may give eth0's MAC in both places.
                if host.interfaces.allSatisfy({ $0.nic != "eth0" || $0.mac.value != mac.value }) {
                    mine.insert((isPXE ? "eth0" : "BMC", mac), at: 0)
                }
            }
            for (nic, mac) in mine {
                if let other = macs.updateValue("\(name) \(nic)", forKey: mac.value) {
                    reader.error(
                        "\(name) \(nic) has the MAC \(mac.value) of \(other)",
                        at: mac.position,
                        hint: "each NIC has its own"
                    )
                }
            }
        }
    }
}

extension HardwareFile.Host {
    fileprivate init?(_ node: YAMLNode, _ defaults: HardwareFile.AccessDefaults, _ reader: inout YAMLReader) {
        let map = reader.mapping(
            node,
            "a host",
            required: ["name", "ipmiIp", "roles"],
            optional: ["mac", "interfaces", "ipmiUser", "ipmiPass", "ipmiVer"]
        )
        guard let map else { return nil }
        let name = reader.locatedText(map["name"], "name")
        if let name, !DNSLabel.isValid(name.value) {
            reader.error("“\(name.value)” cannot be a host's name", at: name.position, hint: DNSLabel.rule)
        }
        roles = reader.texts(map["roles"], "roles") ?? []
        for item in map["roles"]?.items ?? [] {
            guard let role = item.text, !HardwareFile.roles.contains(role) else { continue }
            let hint = Suggestion.hint(for: role, among: HardwareFile.roles, "role")
            reader.error("unknown role “\(role)”", at: item.position, hint: hint)
        }
        mac = reader.mac(map["mac"], "mac")
        interfaces = Self.interfaces(map["interfaces"], &reader)
        bmc = Self.bmc(map, defaults, &reader)
        guard let name else { return nil }
        self.name = name
    }

    private static func interfaces(
        _ node: YAMLNode?,
        _ reader: inout YAMLReader
    ) -> [(nic: String, mac: Located<MACAddress>)] {
        var found: [(nic: String, mac: Located<MACAddress>)] = []
        for item in reader.sequence(node, "interfaces") ?? [] {
            guard let entries = item.entries, entries.count == 1, let entry = entries.first,
                let name = entry.key.text
            else {
                reader.error("an item of interfaces must be one NIC: “- eth0: MAC”", at: item.position)
                continue
            }
            let nic = reader.nic(named: name, at: entry.key.position, "interface")
            let mac = reader.mac(entry.value, "the MAC of \(name)")
            guard let nic, let mac else { continue }
            if found.contains(where: { $0.nic == nic.value }) {
                reader.error("\(nic.value) is here twice", at: nic.position, hint: "keep one of them")
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
        let address = reader.address(map["ipmiIp"], "ipmiIp")
        let user = reader.text(map["ipmiUser"], "ipmiUser") ?? defaults.user
        let password = reader.text(map["ipmiPass"], "ipmiPass") ?? defaults.password
        let version = HardwareFile.version(map["ipmiVer"], &reader) ?? defaults.version ?? "2.0"
        // IPMI 2.0 §22.28 and §22.30: how long a name and a password may be.
        if let user, user.utf8.count > 16 {
            reader.error(
                "ipmiUser is longer than the 16 bytes that IPMI allows",
                at: map.place(of: "ipmiUser")
            )
        }
        if let password, password.utf8.count > 20 {
            reader.error(
                "ipmiPass is longer than the 20 bytes that IPMI allows",
                at: map.place(of: "ipmiPass")
            )
        }
        for (key, value) in [("ipmiUser", user), ("ipmiPass", password)] where value == nil && map[key] == nil
        {
            reader.error(
                "the host has no \(key)",
                at: map.position,
                hint: "give it here, or for all at the top"
            )
        }
        guard let address, let user, let password else { return nil }
        let access = BMCAccess(address: address.value, user: user, password: password, version: version)
        return Located(value: access, position: address.position)
    }
}
