import LabModel
import YAML

/// Reads a pod's files and reports every problem in all of them at once.
///
///     let files = try PodFiles.locate("pod1")
///     let (pod, warnings) = try PodReader.read(files)
package struct PodReader {
    private let files: PodFiles
    private var network: YAMLReader?
    private var hardware: YAMLReader?
    private var sizes: YAMLReader?
    /// Of files that are no YAML at all.
    private var unreadable: [Diagnostic] = []

    /// The pod and what is odd about its files; throws when there is an error in any of them.
    package static func read(_ files: PodFiles) throws(Diagnostics) -> (Pod, [Diagnostic]) {
        var reader = PodReader(files: files)
        let pod = reader.pod()
        var all = reader.unreadable
        for file in [reader.network, reader.hardware, reader.sizes] {
            all += (file?.diagnostics ?? []).sorted { ($0.line, $0.column) < ($1.line, $1.column) }
        }
        guard let pod, all.allSatisfy({ $0.severity == .warning }) else { throw Diagnostics(all) }
        return (pod, all)
    }

    private init(files: PodFiles) { self.files = files }

    private mutating func open(_ path: String) -> (YAMLNode, YAMLReader)? {
        do {
            let document = try YAMLDocument.read(contentsOf: path)
            return (document.root, YAMLReader(document))
        } catch {
            unreadable += error.all
            return nil
        }
    }

    private mutating func pod() -> Pod? {
        var networkFile: NetworkFile?
        if let (root, opened) = open(files.network) {
            var reader = opened
            networkFile = NetworkFile(root, &reader)
            network = reader
        }
        var hardwareFile: HardwareFile?
        if let (root, opened) = open(files.dha) {
            var reader = opened
            hardwareFile = HardwareFile(root, &reader)
            if !DNSLabel.isValid(files.name) {
                let hint = "rename the folder, or give another name: \(DNSLabel.rule)"
                reader.error("“\(files.name)” cannot be a pod's name", at: root.position, hint: hint)
            }
            hardware = reader
        }
        var sizesFile: SizesFile?
        if let lab = files.lab, let (root, opened) = open(lab) {
            var reader = opened
            sizesFile = SizesFile(root, &reader)
            if let sizesFile, let hardwareFile { Self.check(sizesFile, against: hardwareFile, &reader) }
            sizes = reader
        }
        guard let networkFile, var reader = network else { return nil }
        let networks = networkFile.networks(&reader)
        networkFile.check(networks, hosts: hardwareFile?.hosts.count, &reader)
        network = reader
        guard let hardwareFile, var reader = hardware else { return nil }
        let addresses = networkFile.virtualAddresses
        let pod = Pod(
            name: files.name,
            nodes: nodes(hardwareFile, networks, sizesFile),
            networks: networks,
            virtualAddresses: addresses
        )
        hardwareFile.checkAddresses(of: pod, &reader)
        hardware = reader
        return pod
    }

    /// Nodes have the NICs that networks use or the DHA file names, and those between, as a server has its ports.
    private func nodes(_ file: HardwareFile, _ networks: [PodNetwork], _ sizes: SizesFile?) -> [Node] {
        let used = networks.compactMap { NICPosition($0.interface)?.number }
        var taken = Set(
            file.hosts.flatMap { $0.interfaces.map(\.mac.value) + ($0.mac.map { [$0.value] } ?? []) }
        )
        return file.hosts.map { host in
            let identity = DerivedIdentity(pod: files.name, node: host.name.value)
            let own = host.interfaces.compactMap { NICPosition($0.nic)?.number }
            let nics = (0...((used + own).max() ?? 0)).compactMap { position -> NIC? in
                let name = "eth\(position)"
                let mac = host.mac(of: name) ?? identity.mac(of: name, avoiding: taken)
                return mac.map { mac in
                    taken.insert(mac)
                    return NIC(name: name, mac: mac)
                }
            }
            var node = Node(
                name: host.name.value,
                roles: host.roles,
                nics: nics,
                bmc: host.bmc?.value,
                uuid: identity.uuid,
                serial: identity.serial
            )
            sizes?.apply(to: &node)
            return node
        }
    }

    private static func check(_ sizes: SizesFile, against file: HardwareFile, _ reader: inout YAMLReader) {
        let roles = Set(file.hosts.flatMap(\.roles))
        for (role, _) in sizes.roles where !roles.contains(role.value) {
            let hint = Suggestion.hint(for: role.value, among: roles, "role")
            reader.error("no node has the role “\(role.value)”", at: role.position, hint: hint)
        }
        let names = file.hosts.map(\.name.value)
        for (name, _) in sizes.nodes where !names.contains(name.value) {
            let hint = Suggestion.hint(for: name.value, among: names, "node")
            reader.error("there is no node “\(name.value)”", at: name.position, hint: hint)
        }
    }
}
