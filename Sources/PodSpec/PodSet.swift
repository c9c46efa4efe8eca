import Foundation
import YAML

/// Files that belong together, of all that were given.
struct PodSet {
    /// A file that was read, and what it is.
    struct File {
        var path: String
        var kind: PodFileKind
        var document: YAMLDocument

        var folder: String { PodSet.folder(of: path) }
        var name: String { URL(fileURLWithPath: path).lastPathComponent }
        /// Without folder and suffix.
        var stem: String { URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent }
    }

    static func folder(of path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent().path
    }

    var name: String
    /// The one file that says all; then there are no halves.
    var whole: File?
    var network: File?
    var hardware: File?
    var lab: File?

    var files: [File] { [whole, network, hardware, lab].compactMap(\.self) }
    var paths: [String] { files.map(\.path) }
    /// The half that is missing; nil when the files are a whole pod.
    var lack: String? {
        guard whole == nil, network == nil || hardware == nil, let file = files.first else { return nil }
        return switch file.kind {
        case .compassNetwork: "a DHA file"
        case .compassHardware: "network.yml"
        case .descriptor: "its installer descriptor file, idf-\(file.name)"
        case .installer: "its pod descriptor file"
        case .lab: "the pod that the sizes are for"
        case .own: nil
        }
    }

    /// Files of one place describe one pod in several ways; only what is elsewhere is another's.
    var site: String {
        guard let file = whole ?? hardware ?? network else { return "" }
        return file.kind == .descriptor || file.kind == .own ? file.path : file.folder
    }

    static func sets(of files: [File]) -> [PodSet] {
        var sets: [PodSet] = []
        var used: Set<String> = []
        for hardware in files where hardware.kind == .compassHardware || hardware.kind == .descriptor {
            let isCompass = hardware.kind == .compassHardware
            let others = files.filter { $0.kind == (isCompass ? .compassNetwork : .installer) }
            let near = others.filter { $0.folder == hardware.folder }
            let network =
                isCompass
                ? compassNetwork(for: hardware, among: near) : installer(for: hardware, among: near)
            let only = others.count == 1 ? others.first : nil
            var set = PodSet(name: Self.name(of: hardware), network: network ?? only, hardware: hardware)
            set.lab = files.first { $0.kind == .lab && $0.folder == hardware.folder }
            used.formUnion(set.paths)
            sets.append(set)
        }
        for file in files where file.kind == .own {
            var set = PodSet(name: PodFiles(network: file.path, dha: file.path).name, whole: file)
            set.lab = files.first { $0.kind == .lab && $0.folder == file.folder }
            used.formUnion(set.paths)
            sets.append(set)
        }
        // What has no other half is looked at alone.
        for file in files where !used.contains(file.path) {
            let isNetwork = file.kind == .compassNetwork || file.kind == .installer
            let name = URL(fileURLWithPath: file.folder).lastPathComponent
            sets.append(
                isNetwork ? PodSet(name: name, network: file) : PodSet(name: name, lab: file)
            )
        }
        return sets
    }

    /// A DHA file's pod is its folder; a descriptor's is called by both, as in `bii-pod1`.
    private static func name(of hardware: File) -> String {
        let folder = URL(fileURLWithPath: hardware.folder).lastPathComponent
        return hardware.kind == .descriptor ? "\(folder)-\(hardware.stem)" : folder
    }

    /// As OPNFV's jobs choose it: by a word in the scenario's name, else `network.yml`.
    private static func compassNetwork(for hardware: File, among files: [File]) -> File? {
        for word in ["ocl", "odl", "onos", "openo", "ovs_dpdk"] where hardware.stem.contains("-\(word)") {
            let stem = word == "ovs_dpdk" ? "network_dpdk" : "network_\(word)"
            if let file = files.first(where: { $0.stem == stem }) { return file }
        }
        return files.first { $0.stem == "network" } ?? (files.count == 1 ? files.first : nil)
    }

    private static func installer(for hardware: File, among files: [File]) -> File? {
        files.first { $0.stem == "idf-\(hardware.stem)" } ?? (files.count == 1 ? files.first : nil)
    }
}
