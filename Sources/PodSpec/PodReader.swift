import LabModel
import YAML

/// Reads the files of one pod, of whichever format, and keeps every problem in all of them at once.
///
///     let files = try PodFiles.locate("pod1")
///     let (pod, warnings) = try PodReader.read(files)
package struct PodReader {
    /// Reads a pod that is to be racked: the pod and what is odd about its files.
    ///
    /// Throws when there is an error in any of them, or something that the lab cannot do.
    package static func read(_ files: PodFiles) throws(Diagnostics) -> (Pod, [Diagnostic]) {
        var unreadable: [Diagnostic] = []
        var opened: [YAMLDocument?] = []
        for path in [files.network, files.isOneFile ? nil : files.dha, files.lab] {
            do {
                opened.append(
                    try path.map { path throws(Diagnostics) in try YAMLDocument.read(contentsOf: path) }
                )
            } catch {
                unreadable += error.all
                opened.append(nil)
            }
        }
        var reader = PodReader(name: files.name)
        let pod = reader.pod(network: opened[0], hardware: opened[1], lab: opened[2])
        let all = unreadable + reader.diagnostics.compactMap(racked)
        guard let pod, all.allSatisfy({ $0.severity != .error }) else { throw Diagnostics(all) }
        return (pod, all)
    }

    /// What a problem comes to when the pod is racked; nil for what is only good to know.
    private static func racked(_ diagnostic: Diagnostic) -> Diagnostic? {
        guard diagnostic.severity == .note else { return diagnostic }
        guard let severity = diagnostic.rule.flatMap({ PodRule(rawValue: $0) })?.whenRacked else {
            return nil
        }
        var racked = diagnostic
        racked.severity = severity
        return racked
    }

    private let name: String
    /// In the order of the files, and in each file's own order.
    private(set) var diagnostics: [Diagnostic] = []
    /// What no other pod may have too.
    private(set) var identities: [MachineIdentity] = []

    init(name: String) { self.name = name }

    /// The pod, as far as it can be told from the files that are there.
    mutating func pod(network: YAMLDocument?, hardware: YAMLDocument?, lab: YAMLDocument?) -> Pod? {
        let kinds = [network, hardware].map { $0.flatMap { PodFileKind($0) } }
        if kinds.contains(.own), let document = network ?? hardware {
            if network == nil || hardware == nil { return ownPod(document, lab) }
            refuse(
                document,
                "pod.yml is a whole pod, and there is another file with it",
                hint: "give it alone"
            )
            return nil
        }
        let isDescribed = kinds.contains(.installer) || kinds.contains(.descriptor)
        let isCompass = kinds.contains(.compassNetwork) || kinds.contains(.compassHardware)
        if isDescribed, isCompass, let file = hardware ?? network {
            refuse(
                file,
                "one file is Compass4nfv's and the other is OPNFV's",
                hint: "give network.yml and a DHA file, or an installer and a pod descriptor file"
            )
            return nil
        }
        return isDescribed ? describedPod(network, hardware, lab) : compassPod(network, hardware, lab)
    }

    private mutating func refuse(_ file: YAMLDocument, _ message: String, hint: String) {
        var reader = YAMLReader(file)
        reader.error(.filesMixed, message, at: file.root.position, hint: hint)
        diagnostics += reader.diagnostics
    }

    private mutating func ownPod(_ document: YAMLDocument, _ lab: YAMLDocument?) -> Pod? {
        guard var opened = OpenFile(document, { OwnFile($0, &$1) }) else { return nil }
        guard let file = opened.file else {
            diagnostics += opened.reader.sorted
            return nil
        }
        if file.name == nil { checkName(&opened) }
        let sizes = sizes(lab, file.nodes.map { ($0.name.value, $0.roles.map(\.value)) })
        let derivation = OwnDerivation(file: file, name: file.name?.value ?? name)
        let pod = derivation.pod(sizes, &opened.reader)
        OwnChecks(file: file, pod: pod).check(&opened.reader)
        opened.reader.checkSwitches(of: pod) { network in
            file.networks.first { $0.name.value == network.name }?.carrierPosition
        }
        diagnostics.insert(contentsOf: opened.reader.sorted, at: 0)
        identities = file.identities(in: opened.reader.file)
        return pod
    }

    private mutating func compassPod(
        _ network: YAMLDocument?,
        _ hardware: YAMLDocument?,
        _ lab: YAMLDocument?
    ) -> Pod? {
        var network = OpenFile(network) { NetworkFile($0, &$1) }
        var hardware = OpenFile(hardware) { HardwareFile($0, &$1) }
        let hosts = hardware?.file?.hosts
        let networks = network?.read { file, reader in
            let networks = file.networks(&reader)
            file.check(hosts: hosts?.count, &reader)
            return networks
        }
        var pod: CompassPod?
        if var both = network, let networkFile = both.file, var others = hardware, let file = others.file {
            let found = CompassPod(name: name, network: networkFile, hardware: file)
            found.check(&both.reader, &others.reader)
            both.reader.checkSwitches(of: found.pod(networks ?? [], nil)) { network in
                networkFile.mappings.first { $0.name.value == network.name }?.interface.position
            }
            (network, hardware, pod) = (both, others, found)
        }
        if var named = hardware {
            checkName(&named)
            hardware = named
        }
        keep(network, hardware)
        identities = hardware?.file?.identities(in: hardware?.reader.file ?? "") ?? []
        let sizes = sizes(lab, hosts?.map { ($0.name.value, $0.roles) })
        return pod?.pod(networks ?? [], sizes)
    }

    private mutating func describedPod(
        _ network: YAMLDocument?,
        _ hardware: YAMLDocument?,
        _ lab: YAMLDocument?
    ) -> Pod? {
        var network = OpenFile(network) { InstallerFile($0, &$1) }
        var hardware = OpenFile(hardware) { DescriptorFile($0, &$1) }
        var pod: DescribedPod?
        if var both = network, let installer = both.file, var others = hardware, let file = others.file {
            let found = DescribedPod(name: name, machines: file, networks: installer)
            found.check(&others.reader, &both.reader)
            both.reader.checkSwitches(of: found.pod(nil)) { network in
                installer.networks.first { $0.name.value == network.name }?.interface?.position
            }
            (network, hardware, pod) = (both, others, found)
        }
        if var named = hardware {
            checkName(&named)
            hardware = named
        }
        keep(network, hardware)
        identities = hardware?.file?.identities(in: hardware?.reader.file ?? "") ?? []
        let bare = pod?.pod(nil)
        let sizes = sizes(lab, bare?.nodes.map { ($0.name, $0.roles) })
        return sizes == nil ? bare : pod?.pod(sizes)
    }

    private mutating func keep(_ network: OpenFile<some Any>?, _ hardware: OpenFile<some Any>?) {
        diagnostics += network?.reader.sorted ?? []
        diagnostics += hardware?.reader.sorted ?? []
    }

    private func checkName(_ file: inout OpenFile<some Any>) {
        guard !DNSLabel.isValid(name) else { return }
        file.reader.note(
            .rackName,
            "“\(name)” cannot be a pod's name",
            at: file.start,
            hint: "rename the folder, or give another name: \(DNSLabel.rule)"
        )
    }

    /// The sizes in `lab.yml`, which must be for nodes and roles of the pod; `nodes` is nil when they are not known.
    private mutating func sizes(
        _ lab: YAMLDocument?,
        _ nodes: [(name: String, roles: [String])]?
    ) -> LabFile? {
        guard var opened = OpenFile(lab, { LabFile($0, &$1) }) else { return nil }
        opened.read { sizes, reader in
            guard let nodes else { return }
            let roles = Set(nodes.flatMap(\.roles))
            for (role, _) in sizes.roles where !roles.contains(role.value) {
                let hint = Suggestion.hint(for: role.value, among: roles, "role")
                reader.error(
                    .sizeUnknown,
                    "no node has the role “\(role.value)”",
                    at: role.position,
                    hint: hint
                )
            }
            let names = Set(nodes.map(\.name))
            for (name, _) in sizes.nodes where !names.contains(name.value) {
                let hint = Suggestion.hint(for: name.value, among: names, "node")
                reader.error(
                    .sizeUnknown,
                    "there is no node “\(name.value)”",
                    at: name.position,
                    hint: hint
                )
            }
        }
        diagnostics += opened.reader.sorted
        return opened.file
    }
}

/// A file that was taken apart, and what is wrong with it so far.
private struct OpenFile<File> {
    var file: File?
    var reader: YAMLReader
    let start: YAMLNode.Position

    init?(_ document: YAMLDocument?, _ take: (YAMLNode, inout YAMLReader) -> File?) {
        guard let document else { return nil }
        reader = YAMLReader(document)
        start = document.root.position
        file = take(document.root, &reader)
    }

    /// Goes on with a file that could be taken apart.
    @discardableResult
    mutating func read<Result>(_ body: (File, inout YAMLReader) -> Result) -> Result? {
        file.map { body($0, &reader) }
    }
}

extension YAMLReader {
    /// A switch without a notion of VLANs, as the lab's are, cannot keep two untagged networks apart.
    fileprivate mutating func checkSwitches(of pod: Pod, place: (PodNetwork) -> YAMLNode.Position?) {
        for item in pod.switches {
            let untagged = pod.untaggedNetworks(on: item.ports)
            for network in untagged.dropFirst() {
                // Two on one NIC are reported as what they are.
                let isClash = pod.nodes.contains { node in
                    let ports = [network, untagged[0]].map { pod.port(of: node, on: $0) }
                    return ports[0] != nil && ports[0] == ports[1]
                }
                guard !isClash, let position = place(network) else { continue }
                note(
                    .rackSplit,
                    "\(network.name) and \(untagged[0].name) are both untagged, and a network that joins their NICs puts them on one switch, \(item.name)",
                    at: position,
                    hint: "give one of them a tag, or the network that joins them other NICs, to rack the pod"
                )
            }
        }
    }

    /// In the file's order.
    var sorted: [Diagnostic] { diagnostics.sorted { ($0.line, $0.column) < ($1.line, $1.column) } }
}
