import Foundation
import Glibc
import LabModel
import YAML

/// The files that describe one pod, as Compass4nfv or OPNFV have them, or vlab's own `pod.yml`; and `lab.yml` beside them.
package struct PodFiles: Hashable, Sendable, Codable {
    /// The pod's name: that of its folder or of its only file, unless given.
    package var name: String
    /// Networks, NIC positions, VLANs and addresses: `network.yml`, or an installer descriptor file; or all of `pod.yml`.
    package var network: String
    /// Hosts, BMCs and roles: a DHA file («deployment hardware adapter»), or a pod descriptor file; or `pod.yml` again.
    package var dha: String
    /// Sizes that the other two lack.
    package var lab: String?
    /// Whether one file says all, as `pod.yml` does.
    package var isOneFile: Bool { network == dha }
    /// Each file once.
    package var paths: [String] { [network, isOneFile ? nil : dha, lab].compactMap(\.self) }

    package init(network: String, dha: String, lab: String? = nil, name: String? = nil) {
        let file = URL(fileURLWithPath: network).standardizedFileURL
        let stem = file.deletingPathExtension().lastPathComponent
        let folder = file.deletingLastPathComponent().lastPathComponent
        self.name = name ?? (network == dha && stem != "pod" ? stem : folder)
        (self.network, self.dha, self.lab) = (network, dha, lab)
    }

    /// Finds a pod by the path of its folder or of the file with its hosts, or by its name in the folders that hold pods.
    ///
    /// A path is relative to `base`, or to the working folder when there is none.
    package static func locate(
        _ name: String,
        from base: String? = nil,
        searching folders: [String] = searchPath()
    ) throws(PodNotFound) -> PodFiles {
        let start = base.map { URL(fileURLWithPath: $0, isDirectory: true) }
        let path = start.map { URL(fileURLWithPath: name, relativeTo: $0).path } ?? name
        // A path is no name of a pod.
        let candidates = [path] + (name.hasPrefix("/") ? [] : folders.map { "\($0)/\(name)" })
        var incomplete: [String] = []
        if isLinkToNothing(path) { incomplete.append("\(path) is a link to what is not there") }
        if isFile(path) {
            switch files(beside: path) {
            case .success(let files): return files
            case .failure(let lack): incomplete.append("\(path) \(lack.reason)")
            }
        }
        for folder in candidates where isFolder(folder) {
            switch files(in: folder) {
            case .success(let files): return files
            case .failure(let lack): incomplete.append("\(folder) \(lack.reason)")
            }
        }
        let pods = folders.flatMap(pods(in:))
        throw PodNotFound(name: name, searched: candidates, incomplete: incomplete, known: Set(pods).sorted())
    }

    /// `Scenarios/pods` of the working folder and of each folder above it.
    package static func searchPath(from folder: String = FileManager.default.currentDirectoryPath) -> [String]
    {
        var url = URL(fileURLWithPath: folder).standardizedFileURL
        var found: [String] = []
        // A path has no more parents than it has components.
        for _ in url.pathComponents {
            let candidate = url.appendingPathComponent("Scenarios/pods").path
            if isFolder(candidate) { found.append(candidate) }
            url.deleteLastPathComponent()
        }
        return found
    }

    /// The names of the pods in a folder.
    package static func pods(in folder: String) -> [String] {
        // A folder that is not there holds no pods.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { name in
            ["pod.yml", "network.yml"].contains { isFile("\(folder)/\(name)/\($0)") }
        }.sorted()
    }

    private struct Lack: Error { var reason: String }

    /// The other half of a file with hosts.
    private static func files(beside hosts: String) -> Result<PodFiles, Lack> {
        let url = URL(fileURLWithPath: hosts).standardizedFileURL
        let folder = url.deletingLastPathComponent()
        let lab = isFile("\(folder.path)/lab.yml") ? "\(folder.path)/lab.yml" : nil
        guard pipe(hosts) == nil else {
            let reason = "is a pipe or a device, and a lab reads files again: write it to one"
            return .failure(Lack(reason: reason))
        }
        var flaw: Diagnostics?
        var kind: PodFileKind?
        do { kind = PodFileKind(try YAMLDocument.read(contentsOf: hosts)) } catch { flaw = error }
        let (installer, network) = ("idf-\(url.lastPathComponent)", "network.yml")
        let lack: String
        switch kind {
        case .own: return .success(PodFiles(network: hosts, dha: hosts, lab: lab))
        case .lab: return .failure(Lack(reason: "says sizes alone: name the pod's folder or its own file"))
        case .compassNetwork:
            return hardware(in: folder.path).map { PodFiles(network: hosts, dha: $0, lab: lab) }
        case .installer:
            let machines = String(url.lastPathComponent.trimmingPrefix("idf-"))
            let path = "\(folder.path)/\(machines)"
            if machines != url.lastPathComponent, isFile(path) { return files(beside: path) }
            return .failure(
                Lack(reason: "is an installer descriptor file, without its pod descriptor file, \(machines)")
            )
        case .descriptor: lack = "no \(installer)"
        case .compassHardware: lack = "no \(network)"
        case nil: lack = "neither \(network) nor \(installer)"
        }
        if isFile("\(folder.path)/\(installer)") {
            let name = "\(folder.lastPathComponent)-\(url.deletingPathExtension().lastPathComponent)"
            let path = "\(folder.path)/\(installer)"
            return .success(PodFiles(network: path, dha: hosts, lab: lab, name: name))
        }
        guard isFile("\(folder.path)/\(network)") else {
            // Beside its other half a file is read as what that one makes of it, and then told to be wrong.
            return .failure(Lack(reason: flaw.map { "is wrong: \($0)" } ?? "has \(lack) beside it"))
        }
        return .success(PodFiles(network: "\(folder.path)/\(network)", dha: hosts, lab: lab))
    }

    private static func files(in folder: String) -> Result<PodFiles, Lack> {
        let lab = isFile("\(folder)/lab.yml") ? "\(folder)/lab.yml" : nil
        let own = "\(folder)/pod.yml"
        if isFile(own) { return .success(PodFiles(network: own, dha: own, lab: lab)) }
        let network = "\(folder)/network.yml"
        guard isFile(network) else { return descriptor(in: folder) }
        return hardware(in: folder).map { PodFiles(network: network, dha: $0, lab: lab) }
    }

    /// The one DHA file of a folder.
    private static func hardware(in folder: String) -> Result<String, Lack> {
        if isFile("\(folder)/dha.yml") { return .success("\(folder)/dha.yml") }
        // What cannot be listed has no file to find.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let others = names.filter { name in
            (name.hasPrefix("os-") || name.hasPrefix("k8"))
                && (name.hasSuffix(".yml") || name.hasSuffix(".yaml"))
        }
        switch others.count {
        case 1: return .success("\(folder)/\(others[0])")
        case 0: return .failure(Lack(reason: "has no dha.yml"))
        default:
            return .failure(Lack(reason: "has no dha.yml, but \(others.sorted().joined(separator: ", "))"))
        }
    }

    /// The one pod descriptor file of a folder that has an installer descriptor file of its name.
    private static func descriptor(in folder: String) -> Result<PodFiles, Lack> {
        // What cannot be listed has no file to find.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let found = names.filter { names.contains("idf-\($0)") }.sorted()
        switch found.count {
        case 1: return files(beside: "\(folder)/\(found[0])")
        case 0: return .failure(Lack(reason: "has neither pod.yml nor network.yml"))
        default:
            return .failure(
                Lack(reason: "has several pods, name one of them: \(found.joined(separator: ", "))")
            )
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        // Unsafe in name only: Foundation writes one flag there.
        return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && isFolder.boolValue
    }

    /// What stands for a pipe or a device, which can be read once and has nothing beside it; nil for anything else.
    package static func pipe(_ name: String) -> String? {
        if name == "-" { return "/dev/stdin" }
        var status = stat()
        guard unsafe stat(name, &status) == 0 else { return nil }
        return [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) ? nil : name
    }

    private static func isLinkToNothing(_ path: String) -> Bool {
        // What is no link leads nowhere.
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path)
        return target != nil && !FileManager.default.fileExists(atPath: path)
    }

    private static func isFile(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path) && !isFolder(path)
    }
}

/// No folder holds the files of a pod of that name.
package struct PodNotFound: Error, CustomStringConvertible {
    package var name: String
    package var searched: [String]
    /// Folders of that name which lack a file.
    package var incomplete: [String]
    package var known: [String]

    package var description: String {
        guard !name.isEmpty else { return "a pod's name is empty: give its name, its folder or its files" }
        guard incomplete.isEmpty else {
            return
                "pod “\(name)”: not read: \(incomplete.joined(separator: "; ")). A pod's folder has pod.yml, or network.yml and dha.yml, or NAME.yaml and idf-NAME.yaml."
        }
        let hint =
            known.isEmpty ? "give its folder or its files" : Suggestion.hint(for: name, among: known, "pod")
        let places = searched.joined(separator: ", ")
        return "pod “\(name)”: not found: \(hint). There is no file or folder \(places)."
    }
}
