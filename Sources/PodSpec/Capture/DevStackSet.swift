import Foundation
import LabModel
import YAML

/// The `local.conf` files of one DevStack: a controller's and its computes'.
///
///     let captured = try DevStackSet(["controller/local.conf", "compute1/local.conf"]).capture(name: "theirs")
package struct DevStackSet {
    private let files: [DevStackFile]

    /// Files, or folders: the `local.conf` in one, and those in the folders in it.
    package init(_ paths: [String]) throws(Diagnostics) {
        var files: [DevStackFile] = []
        for path in paths.flatMap(Self.files) {
            files.append(DevStackFile(try TextFile.text(contentsOf: path), path: path))
        }
        guard !files.isEmpty else {
            let path = paths.first ?? "."
            throw Diagnostics([
                Self.problem(
                    path,
                    "no local.conf is here",
                    "name the files of the controller and the computes"
                )
            ])
        }
        self.files = files
    }

    private static func files(at path: String) -> [String] {
        var isFolder: ObjCBool = false
        // Unsafe in name only: Foundation writes one flag there.
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
        else {
            return [path]
        }
        // A folder that cannot be listed has no files to find, which is told.
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
        let own = names.filter { $0.contains("local.conf") || $0 == "localrc" || $0.hasSuffix(".conf") }
            .map { "\(path)/\($0)" }
        let below = names.map { "\(path)/\($0)/local.conf" }.filter {
            FileManager.default.fileExists(atPath: $0)
        }
        return own.filter { file in
            var isFolder: ObjCBool = false
            // Unsafe in name only: Foundation writes one flag there.
            return unsafe FileManager.default.fileExists(atPath: file, isDirectory: &isFolder)
                && !isFolder.boolValue
        } + below
    }

    private static func problem(_ path: String, _ message: String, _ hint: String) -> Diagnostic {
        Diagnostic(
            file: path,
            line: 1,
            column: 1,
            message: message,
            hint: hint,
            rule: YAMLRule.unreadable.rawValue
        )
    }

    // MARK: - The pod

    package func capture(name: String) throws(Diagnostics) -> CapturedPod {
        let head = controller
        // The controller first: it has the first address, as in the guide.
        let ordered = [head] + files.filter { $0.path != head.path }
        var names = CapturedNames()
        var problems: [Diagnostic] = []
        func address(_ name: String, of file: DevStackFile) -> IPv4Address? {
            file.value(of: name, like: "192.168.42.11", &problems) { IPv4Address($0) }
        }
        let hosts = ordered.map { file in
            var host = PodSketch.Host(
                name: names.label(for: Self.name(of: file)),
                roles: roles(of: file, head)
            )
            host.addresses[.mgmt] = address("HOST_IP", of: file)
            let tunnel = address("TUNNEL_ENDPOINT_IP", of: file) ?? address("DATA_NET_IP", of: file)
            if let tunnel, tunnel != host.addresses[.mgmt] { host.addresses[.tenant] = tunnel }
            host.interfaces = interfaces(of: file, head, hasTunnel: host.addresses[.tenant] != nil)
            return host
        }
        var sketch = PodSketch(name: name, hosts: hosts)
        for host in hosts { sketch.assume("node \(host.name)", nil, "is called so", "after its file") }
        if files.allSatisfy({ $0["HOST_IP_IFACE"] == nil && $0["FLAT_INTERFACE"] == nil }) {
            sketch.assume("hosts", "HOST_IP_IFACE", "eth0", "no file names the interface of HOST_IP")
        }
        openToOutside(&sketch, head, &problems)
        guard problems.isEmpty else { throw Diagnostics(problems) }
        for key in ["FIXED_RANGE", "IPV4_ADDRS_SAFE_TO_USE"] {
            guard let range = head[key] else { continue }
            sketch.lose("cloud", key, range, "it is inside the cloud, on no wire of the pod")
        }
        return CapturedPod(sketch, diagnostics: [])
    }

    /// The host that the others name, else the one that names nobody, else the first.
    private var controller: DevStackFile {
        let named = files.compactMap { $0["SERVICE_HOST"] }.first
        return files.first { named != nil && $0["HOST_IP"] == named }
            ?? files.first { $0["SERVICE_HOST"] == nil } ?? files[0]
    }

    /// `compute1/local.conf` and `compute1.conf` are compute1's.
    private static func name(of file: DevStackFile) -> String {
        let url = URL(fileURLWithPath: file.path)
        let stem = url.lastPathComponent.replacingOccurrences(of: "local.conf", with: "")
            .replacingOccurrences(of: "localrc", with: "").replacingOccurrences(of: ".conf", with: "")
        let own = stem.split { !$0.isLetter && !$0.isNumber && $0 != "-" }.joined(separator: "-")
        return own.isEmpty ? url.deletingLastPathComponent().lastPathComponent : own
    }

    private func roles(of file: DevStackFile, _ head: DevStackFile) -> [String] {
        let services = file.services
        let parts: [(role: String, services: [String])] = [
            ("compute", ["n-cpu"]),
            ("network", ["q-l3", "q-dhcp", "n-net", "neutron-l3", "neutron-dhcp", "q-ovn-metadata-agent"]),
            ("storage", ["c-vol", "s-object"]),
        ]
        let found = parts.filter { !services.isDisjoint(with: $0.services) }.map(\.role)
        return (file.path == head.path ? ["controller"] : []) + found
    }

    private func interfaces(
        of file: DevStackFile,
        _ head: DevStackFile,
        hasTunnel: Bool
    ) -> [PodSketch.Use: String] {
        let own = file["HOST_IP_IFACE"] ?? file["FLAT_INTERFACE"] ?? "eth0"
        var found: [PodSketch.Use: String] = [.mgmt: own]
        if let outside = file["PUBLIC_INTERFACE"] ?? head["PUBLIC_INTERFACE"] { found[.external] = outside }
        if hasTunnel { found[.tenant] = file["TUNNEL_INTERFACE"] ?? "tunnel" }
        return found
    }

    private func openToOutside(
        _ sketch: inout PodSketch,
        _ head: DevStackFile,
        _ problems: inout [Diagnostic]
    ) {
        let floating = head.value(of: "FLOATING_RANGE", like: "172.24.4.0/24", &problems) {
            text -> IPv4Network? in
            let parts = text.split(separator: "/")
            guard parts.count == 2, let address = IPv4Address(String(parts[0])), let length = Int(parts[1]),
                (0...32).contains(length)
            else { return nil }
            return IPv4Network(containing: address, prefixLength: length)
        }
        let isApart =
            head["PUBLIC_INTERFACE"] != nil
            && sketch.hosts.contains { $0.interfaces[.external] != $0.interfaces[.mgmt] }
        if let floating, isApart {
            let isInside = sketch.hosts.contains { host in
                host.addresses[.mgmt].map { floating.contains($0) } == true
            }
            if !isInside { sketch.cidrs[.external] = floating }
            sketch.gateways[.external] = head["PUBLIC_NETWORK_GATEWAY"].flatMap { IPv4Address($0) }
                .flatMap { !isInside && floating.contains($0) ? $0 : nil }
        } else if let range = head["FLOATING_RANGE"] {
            sketch.lose(
                "cloud",
                "FLOATING_RANGE",
                range,
                "it has no interface of its own: its addresses are the cloud's to give"
            )
        }
        if let pool = head["Q_FLOATING_ALLOCATION_POOL"] {
            sketch.lose("cloud", "Q_FLOATING_ALLOCATION_POOL", pool, "the pod has no word for it")
        }
        guard isApart else { return }
        let roles = sketch.hosts.contains { $0.roles.contains("network") } ? ["network"] : ["controller"]
        sketch.providers = [
            .init(
                use: .external,
                bridge: head["PUBLIC_BRIDGE"] ?? "br-ex",
                name: head["PUBLIC_PHYSICAL_NETWORK"] ?? "public",
                roles: roles
            )
        ]
    }
}
