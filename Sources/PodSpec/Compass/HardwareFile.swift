import LabModel
import YAML

/// Compass4nfv's DHA file, in any of its three dialects, as it is written: hosts, their BMCs and roles.
struct HardwareFile {
    /// Who may use a BMC, when its host does not say.
    struct AccessDefaults {
        var user: String?
        var password: String?
        var version: String?
    }

    var hosts: [HardwareHost] = []
    /// The nodes are virtual machines of Compass4nfv's own: no MACs, no BMCs.
    private(set) var isVirtual = false
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
    private static let plugins: Set<String> = [
        "dpdk", "barometer", "moon", "odl_sfc", "opendaylight", "rt_kvm", "stor4nfv", "opencontrail", "onap",
    ]
    private static let accessKeys = [
        "ipmiUser", "ipmiPass", "ipmiVer", "power_user", "power_pass", "power_type",
    ]

    private enum MachineType: String, CaseIterable { case baremetal, virtual }

    init?(_ root: YAMLNode, _ reader: inout YAMLReader) {
        let top = reader.mapping(
            root,
            "the DHA file",
            required: ["TYPE", "FLAVOR", "hosts"],
            optional: ["NAME", "POWER_TOOL", "plugins", "cluster_param", "deploy_options"]
                + Self.accessKeys + Self.flags
        )
        guard let top else { return nil }
        isVirtual = reader.choice(top["TYPE"], "TYPE", MachineType.self) == .virtual
        for key in ["FLAVOR", "NAME"] + Self.flags { _ = reader.plainText(top[key], key) }
        readSwitches(top, &reader)
        checkPower(top, &reader)
        let access = AccessDefaults(
            user: reader.plainText(top["ipmiUser"] ?? top["power_user"], "ipmiUser"),
            password: reader.plainText(top["ipmiPass"] ?? top["power_pass"], "ipmiPass"),
            version: Self.version(top["ipmiVer"], &reader)
        )
        if let node = top["hosts"], let items = reader.sequence(node, "hosts") {
            if items.isEmpty {
                reader.error(.podEmpty, "hosts is empty", at: node.position, hint: "a pod has at least one")
            }
            hosts = items.compactMap { HardwareHost($0, access, isVirtual: isVirtual, &reader) }
        }
        if let node = top["TYPE"], isVirtual, hosts.allSatisfy({ $0.bmc == nil }) {
            reader.note(
                .rackBMC,
                "the hosts are machines of Compass4nfv's own and have no BMC: an engine has no way to power them in the lab",
                at: node.position,
                hint: "use vlab power, or make them baremetal with ipmiIp"
            )
        }
        let ofBMCs = hosts.compactMap(\.macOfBMC)
        if let first = ofBMCs.first {
            reader.note(
                .macOfBMC,
                "mac is taken for the BMC's, here and of \(ofBMCs.count - 1) more, because eth0 has one of its own: Compass4nfv lets nobody boot by PXE before it has renamed the NICs",
                at: first.position
            )
        }
        checkUnique(&reader)
        checkRoles(&reader)
    }

    /// Plugins and parameters are lists of single-key mappings.
    private func readSwitches(_ top: YAMLReader.Mapping, _ reader: inout YAMLReader) {
        for key in ["plugins", "cluster_param"] {
            for item in reader.sequence(top[key], key) ?? [] {
                guard let map = reader.anyMapping(item, "an item of \(key)") else { continue }
                for name in map.keys {
                    _ = reader.plainText(map[name], name)
                    guard key == "plugins", !Self.plugins.contains(name) else { continue }
                    reader.warning(
                        .removed,
                        "Compass4nfv has no plugin “\(name)”",
                        at: map.place(of: name),
                        hint: Suggestion.hint(for: name, among: Self.plugins, "plugin")
                    )
                }
            }
        }
        guard top["deploy_options"] != nil else { return }
        if let options = reader.anyMapping(top["deploy_options"], "deploy_options"),
            options["orchestrator"]?["type"]?.text == "open-o"
        {
            reader.warning(
                .removed,
                "OPEN-O is launched by no Compass4nfv of the Gambia release: the deployment ends in “opera launch failed”",
                at: options.place(of: "orchestrator"),
                hint: "take deploy_options out"
            )
        }
    }

    private func checkPower(_ top: YAMLReader.Mapping, _ reader: inout YAMLReader) {
        for (key, known) in [("POWER_TOOL", "ipmitool"), ("power_type", "ipmilan")] {
            guard let node = top[key], let tool = reader.plainText(node, key), tool != known else { continue }
            reader.note(
                .rackPower,
                "\(key) “\(tool)” cannot be racked",
                at: node.position,
                hint: "BMCs here speak to ipmitool"
            )
        }
    }

    static func version(_ node: YAMLNode?, _ reader: inout YAMLReader) -> String? {
        guard let node, let version = reader.plainText(node, "ipmiVer") else { return nil }
        if ["1.0", "1.5", "2.0"].contains(version) { return version }
        reader.error(
            .bmcVersion,
            "ipmiVer “\(version)” does not exist",
            at: node.position,
            hint: "write '1.0' or '2.0'"
        )
        return nil
    }

    /// Hosts that have no controller among them are added to a pod that has.
    var isExpansion: Bool {
        !hosts.isEmpty && !hosts.contains { host in Self.masters.contains { host.roles.contains($0) } }
    }
    private static let masters = ["controller", "kube_master", "allinone-compute", "compute-controller"]

    private func checkRoles(_ reader: inout YAMLReader) {
        if isExpansion, let first = hosts.first, hosts.contains(where: { !$0.roles.isEmpty }) {
            reader.note(
                .expansion,
                "no host is a controller: these hosts expand a pod that has one",
                at: first.name.position,
                hint: "network.yml must go on where that pod's ranges ended"
            )
        }
        for host in hosts {
            guard host.roles.contains("controller"), !host.roles.contains("ha") else { continue }
            reader.warning(
                .roleMissing,
                "\(host.name.value) is a controller without ha, which Compass4nfv wants even of a single one",
                at: host.name.position,
                hint: "add ha to its roles"
            )
        }
        let monitors = hosts.filter { $0.roles.contains("ceph-mon") }
        if monitors.count == 2 {
            reader.warning(
                .roleMissing,
                "two hosts are ceph-mon, \(monitors[0].name.value) and \(monitors[1].name.value): when either fails, no majority is left",
                at: monitors[1].name.position,
                hint: "make it one or three"
            )
        }
    }

    /// What no two hosts may share.
    private func checkUnique(_ reader: inout YAMLReader) {
        var names: [String: String] = [:]
        var addresses: [IPv4Address: String] = [:]
        var macs: [MACAddress: String] = [:]
        for host in hosts {
            let name = host.name.value
            if names.updateValue(name, forKey: name.lowercased()) != nil {
                reader.error(
                    .hostTwice,
                    "two hosts are named \(name)",
                    at: host.name.position,
                    hint: "rename one"
                )
            }
            if let bmc = host.bmc, let other = addresses.updateValue(name, forKey: bmc.value.address) {
                reader.error(
                    .bmcTwice,
                    "\(name) has the BMC address \(bmc.value.address) of \(other)",
                    at: bmc.position,
                    hint: "each BMC has its own"
                )
            }
            for (nic, mac) in host.allMACs {
                if let other = macs.updateValue("\(name) \(nic)", forKey: mac.value) {
                    reader.error(
                        .macTwice,
                        "\(name) \(nic) has the MAC \(mac.value) of \(other)",
                        at: mac.position,
                        hint: "each NIC has its own"
                    )
                }
            }
        }
    }
}
