import Foundation
import LabModel
import YAML

/// What kolla-ansible is given: an inventory, `globals.yml`, and variables of groups and hosts in files of their own.
///
///     let captured = try KollaInventory(inventory: "multinode", globals: "globals.yml").capture(name: "theirs")
package struct KollaInventory {
    /// The groups that somebody fills in; all others are made of them.
    private static let groups = ["control", "network", "compute", "storage", "monitoring"]

    private let file: String
    private var inventory: InventoryFile
    private var globals: [String: String] = [:]
    private var files: [String: [String: String]] = [:]
    private var diagnostics: [Diagnostic] = []

    /// Reads the files; `globals.yml` and `host_vars` beside the inventory are taken unless others are named, and
    /// `group_vars` there.
    package init(
        inventory path: String,
        globals: String? = nil,
        hostVariables: String? = nil
    ) throws(Diagnostics) {
        file = path
        inventory = InventoryFile(try TextFile.text(contentsOf: path), file: path)
        diagnostics = inventory.diagnostics
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let beside = "\(folder)/globals.yml"
        if let globals = globals ?? (FileManager.default.fileExists(atPath: beside) ? beside : nil) {
            self.globals = try Self.variables(in: globals)
        }
        if let hostVariables, !FileManager.default.fileExists(atPath: hostVariables) {
            diagnostics.append(
                Diagnostic(
                    file: hostVariables,
                    line: 1,
                    column: 1,
                    message: "the folder does not exist",
                    hint: "check the path",
                    rule: YAMLRule.unreadable.rawValue
                )
            )
        }
        let variables = hostVariables ?? "\(folder)/host_vars"
        for host in Self.groups.flatMap({ inventory.hosts(of: $0) }) where files[host.name] == nil {
            files[host.name] = try Self.variables(named: host.name, in: variables)
        }
        var groups: [String: [String: String]] = [:]
        for group in Set(inventory.groupNames).union(["all"]) {
            groups[group] = try Self.variables(named: group, in: "\(folder)/group_vars")
        }
        inventory.add(groups)
    }

    /// What a folder of variables has for a group or host: a file of its name, or all files in a folder of its name.
    private static func variables(
        named name: String,
        in folder: String
    ) throws(Diagnostics) -> [String: String] {
        var found: [String: String] = [:]
        for suffix in ["", ".yml", ".yaml"] {
            let path = "\(folder)/\(name)\(suffix)"
            // Nil: it is a file, or there is none.
            if let inner = try? FileManager.default.contentsOfDirectory(atPath: path) {
                for file in inner.sorted() where file.hasSuffix(".yml") || file.hasSuffix(".yaml") {
                    found.merge(try variables(in: "\(path)/\(file)")) { $1 }
                }
            } else if FileManager.default.fileExists(atPath: path) {
                found.merge(try variables(in: path)) { $1 }
            }
        }
        return found
    }

    /// The scalars at the top of a file of variables; a file in which all is commented out has none.
    private static func variables(in path: String) throws(Diagnostics) -> [String: String] {
        let root: YAMLNode
        do {
            root = try YAMLDocument.read(contentsOf: path).root
        } catch {
            guard error.all.map(\.rule) == [YAMLRule.empty.rawValue] else { throw error }
            return [:]
        }
        let pairs = (root.entries ?? []).compactMap { entry in
            entry.key.text.flatMap { key in entry.value.text.map { (key, $0) } }
        }
        return Dictionary(pairs) { $1 }
    }

    /// What Ansible finds: kolla-ansible gives `globals.yml` as variables that win over all others.
    private func variable(_ name: String, of host: String, depth: Int = 0) -> String? {
        let found = globals[name] ?? files[host]?[name] ?? inventory.variable(name, of: host)
        guard let found, !found.isEmpty else { return nil }
        guard found.contains("{{") else { return found }
        // A variable that is another one, and no more of Ansible's language than that.
        let inner = found.filter { !$0.isWhitespace }
        guard inner.hasPrefix("{{"), inner.hasSuffix("}}"), depth < 8 else { return nil }
        let other = String(inner.dropFirst(2).dropLast(2))
        return other.contains("{") ? nil : variable(other, of: host, depth: depth + 1)
    }

    // MARK: - The pod

    package func capture(name: String) throws(Diagnostics) -> CapturedPod {
        var names = CapturedNames()
        var roles: [String: [String]] = [:]
        var order: [InventoryFile.Host] = []
        for group in Self.groups {
            for host in inventory.hosts(of: group) {
                if roles[host.name] == nil { order.append(host) }
                // As scenarios call them.
                roles[host.name, default: []].append(group == "control" ? "controller" : group)
            }
        }
        guard !order.isEmpty else {
            throw Diagnostics(
                diagnostics + [
                    Diagnostic(
                        file: file,
                        line: 1,
                        column: 1,
                        message: "no host is in \(Self.groups.joined(separator: ", "))",
                        hint: "name an inventory of kolla-ansible's",
                        rule: PodRule.inventory.rawValue
                    )
                ]
            )
        }
        let hosts = order.map { host in
            var found = PodSketch.Host(name: names.label(for: host.name), roles: roles[host.name] ?? [])
            found.interfaces = interfaces(of: host.name)
            let address =
                variable("ansible_host", of: host.name) ?? variable("ansible_ssh_host", of: host.name)
            found.addresses[.mgmt] = IPv4Address(address ?? host.name)
            found.bmc = bmc(of: host.name)
            return found
        }
        var sketch = PodSketch(name: name, hosts: hosts)
        for (was, label) in names.changed {
            sketch.assume("node \(label)", nil, "is \(was)", "a node's name is a DNS label")
        }
        if !inventory.hosts(of: "control").isEmpty {
            sketch.assume("group control", nil, "the role controller", "scenarios call it so")
        }
        let isTold = order.contains { variable("network_interface", of: $0.name) != nil }
        if !isTold { sketch.assume("hosts", "network_interface", "eth0", "kolla-ansible's own default") }
        if !order.contains(where: { variable("neutron_external_interface", of: $0.name) != nil }) {
            sketch.assume("hosts", "neutron_external_interface", "eth1", "kolla-ansible's own default")
        }
        for (key, vip) in [
            ("kolla_internal_vip_address", "internal_vip"), ("kolla_external_vip_address", "public_vip"),
        ] {
            guard let text = order.lazy.compactMap({ self.variable(key, of: $0.name) }).first else {
                continue
            }
            if let address = IPv4Address(text) {
                guard !sketch.virtualAddresses.contains(where: { $0.address == address }) else { continue }
                sketch.virtualAddresses.append((vip, address))
            } else {
                sketch.lose("address \(vip)", nil, text, "it is no IPv4 address")
            }
        }
        let bridge = order.lazy.compactMap { self.variable("neutron_bridge_name", of: $0.name) }.first
        let gateways = hosts.filter { $0.roles.contains("network") }
        sketch.providers = [
            .init(
                use: .external,
                bridge: bridge?.split(separator: ",").first.map(String.init) ?? "br-ex",
                name: "physnet1",
                roles: gateways.isEmpty ? ["controller"] : ["network"]
            )
        ]
        return CapturedPod(sketch, diagnostics: diagnostics)
    }

    private func interfaces(of host: String) -> [PodSketch.Use: String] {
        let network = variable("network_interface", of: host) ?? "eth0"
        let external = variable("neutron_external_interface", of: host) ?? "eth1"
        return [
            .mgmt: network,
            // Several, with commas, are bridges of their own; the first is the one that floating addresses are on.
            .external: external.split(separator: ",").first.map(String.init) ?? external,
            .tenant: variable("tunnel_interface", of: host) ?? network,
            .storage: variable("storage_interface", of: host) ?? network,
            .api: variable("api_interface", of: host) ?? network,
        ]
    }

    /// Kolla-ansible has no word for it; these are the ones that Kayobe and Ironic's inventories use.
    private func bmc(of host: String) -> BMCAccess? {
        let text = ["ipmi_address", "bmc_address", "ipmi_host"].lazy.compactMap {
            self.variable($0, of: host)
        }.first
        guard let address = text.flatMap({ IPv4Address($0) }) else { return nil }
        return BMCAccess(
            address: address,
            user: variable("ipmi_username", of: host) ?? "root",
            password: variable("ipmi_password", of: host) ?? "admin"
        )
    }
}

/// Names of hosts as nodes can have them, each one once.
struct CapturedNames {
    private var taken: Set<String> = []
    /// What was not kept as it was.
    private(set) var changed: [(was: String, label: String)] = []

    mutating func label(for name: String) -> String {
        let isAddress = IPv4Address(name) != nil
        let first = isAddress ? "node" : String(name.split(separator: ".").first ?? "node")
        let letters = first.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let plain = String(
            String(letters.prefix(50)).drop { $0 == "-" }.reversed().drop { $0 == "-" }.reversed()
        )
        let base = plain.isEmpty ? "node" : plain
        var label = isAddress ? "\(base)1" : base
        // No more tries than there are names.
        for number in 2...(taken.count + 2) where taken.contains(label) {
            label = isAddress ? "\(base)\(number)" : "\(base)-\(number)"
        }
        taken.insert(label)
        if label != name { changed.append((name, label)) }
        return label
    }
}
