import YAML

/// What a pod's files tell their engine and nobody else: no machine and no wire, yet part of what they say.
///
/// A file of the same kind can have it again, as it stands; in others it is lost, and told.
struct EngineSettings: Sendable {
    /// Where it stands, and can stand again.
    enum Home: String {
        case compassNetwork = "network.yml", compassHardware = "DHA file", descriptor, installer
    }

    private struct Setting {
        var home: Home
        /// The key, below `idf` in an installer descriptor file.
        var key: String
        var value: YAMLNode
    }

    private var settings: [Setting] = []
    /// What stands in many places, by its key and how often, and cannot stand in any file that is written.
    private var scattered: [(home: Home, what: String)] = []

    init() {}

    init(_ documents: [YAMLDocument]) {
        for document in documents {
            switch PodFileKind(document) {
            case .compassNetwork: readCompassNetwork(document.root)
            case .compassHardware: readCompassHardware(document.root)
            case .descriptor: readDescriptor(document.root)
            case .installer: readInstaller(document.root)
            case .own, .lab, nil: break
            }
        }
    }

    /// What a file of this kind is to have again.
    func fields(for home: Home) -> [YAMLText.Field] {
        settings.filter { $0.home == home }.map { .init($0.key, YAMLText($0.value)) }
    }

    /// What no file of these kinds can have.
    func lost(in homes: Set<Home>, except dropped: Set<String> = []) -> [ConversionItem] {
        let kept = settings.filter { !homes.contains($0.home) || dropped.contains($0.key) }.map { setting in
            ConversionItem(
                .lost,
                setting.home.rawValue,
                setting.key,
                before: setting.value.items == nil && setting.value.entries == nil ? setting.value.text : nil,
                reason: homes.contains(setting.home)
                    ? "this generation has none" : "only for the engine that it was written for"
            )
        }
        return kept
            + scattered.map {
                ConversionItem(.lost, $0.home.rawValue, $0.what, reason: "vlab has no word for it")
            }
    }

    // MARK: - Compass4nfv

    private mutating func readCompassNetwork(_ root: YAMLNode) {
        keep(["onos_nic", "tenant_net_info", "public_net_info", "openo_net"], of: root, .compassNetwork)
        let mappings = root["sys_intf_mappings"]?.items ?? []
        for mapping in mappings {
            guard let name = mapping["name"]?.text, let kind = mapping["type"]?.text else { continue }
            let isAlone = mappings.count { $0["name"]?.text == name } == 1
            let isTagged = mapping["vlan_tag"]?.text.flatMap { Int($0) } != nil
            let roles = (mapping["role"]?.items ?? []).compactMap(\.text)
            let isForAll = roles.isEmpty || NetworkFile.mappedRoles.allSatisfy(roles.contains)
            // The wires already say as much.
            guard isAlone, isForAll, kind != "normal", !(kind == "vlan" && isTagged), kind != "ovs" else {
                continue
            }
            scattered.append((.compassNetwork, "type \(kind) of \(name)"))
        }
    }

    private mutating func readCompassHardware(_ root: YAMLNode) {
        let usual = ["FLAVOR": "cluster", "POWER_TOOL": "ipmitool"]
        let keys = [
            "FLAVOR", "NAME", "POWER_TOOL", "power_type", "plugins", "cluster_param", "deploy_options",
            "odl_l3_agent",
            "onos_sfc", "moon", "odl_sfc",
        ]
        keep(keys.filter { usual[$0] == nil || usual[$0] != root[$0]?.text }, of: root, .compassHardware)
        for host in root["hosts"]?.items ?? [] {
            for key in ["location", "power_type"] where host[key] != nil {
                scattered.append((.compassHardware, "\(key) of \(host["name"]?.text ?? "a host")"))
            }
        }
    }

    // MARK: - OPNFV

    private mutating func readDescriptor(_ root: YAMLNode) {
        keep(["details", "jumphost"], of: root, .descriptor)
        let nodes = root["nodes"]?.items ?? []
        let disks = nodes.flatMap { $0["disks"]?.items ?? [] }
        let interfaces = nodes.flatMap { $0["interfaces"]?.items ?? [] }
        let found: [(key: String, count: Int, of: String)] = [
            ("cpu_cflags", nodes.count { $0["node"]?["cpu_cflags"] != nil }, "node"),
            ("os", nodes.count { $0["os"] != nil }, "node"),
            ("disk_interface", disks.count { $0["disk_interface"] != nil }, "disk"),
            ("disk_rotation", disks.count { $0["disk_rotation"] != nil }, "disk"),
            ("speed", interfaces.count { $0["speed"] != nil }, "NIC"),
            ("features", interfaces.count { $0["features"] != nil }, "NIC"),
            (
                "versions but the newest",
                nodes.count { $0["remote_management"]?["versions"]?.items?.count ?? 0 > 1 }, "BMC"
            ),
        ]
        for entry in found where entry.count > 0 {
            let plural = entry.count == 1 ? "" : "s"
            scattered.append((.descriptor, "\(entry.key) of \(entry.count) \(entry.of)\(plural)"))
        }
    }

    private mutating func readInstaller(_ root: YAMLNode) {
        guard let body = root["idf"] else { return }
        keep(["installer", "compass", "daisy", "fuel", "osa", "kubespray"], of: body, .installer)
        for (key, value) in (body["net_config"]?.entries ?? []).compactMap({ entry in
            entry.key.text.map { ($0, entry.value) }
        }) {
            if key == "oob" { settings.append(Setting(home: .installer, key: key, value: value)) }
            guard let servers = value["dns"], !servers.isNull else { continue }
            scattered.append((.installer, "dns of \(key)"))
        }
        for entry in root["xci"]?.entries ?? [] where entry.key.text != "nodes_roles" {
            scattered.append((.installer, "xci: \(entry.key.text ?? "")"))
        }
    }

    private mutating func keep(_ keys: [String], of root: YAMLNode, _ home: Home) {
        for key in keys {
            guard let value = root[key] else { continue }
            settings.append(Setting(home: home, key: key, value: value))
        }
    }
}
