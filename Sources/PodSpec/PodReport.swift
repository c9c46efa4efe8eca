import Foundation
import LabModel
import YAML

/// What was found in files that describe pods: the pods, and every problem in all of the files.
///
///     let report = PodReport(checking: ["hardware/pod1/network.yml", "hardware/pod1/dha.yml"])
///     for problem in report.diagnostics { print(problem) }
package struct PodReport: Sendable, Encodable {
    /// One pod, or files that lack their other half.
    package struct Entry: Sendable, Encodable {
        package var name: String
        package var files: [String]
        /// Nil when the files do not describe all of one.
        package var pod: Pod?
        /// The half of a pod that the files lack; nil when none is.
        package var lack: String?
        /// What the files tell their engine alone.
        var settings: EngineSettings

        private enum CodingKeys: CodingKey { case name, files, pod }
    }

    package private(set) var pods: [Entry] = []
    /// In the order of the files, and in each file's own order; each once, however many pods a file belongs to.
    package private(set) var diagnostics: [Diagnostic] = []
    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    package init(checking paths: [String]) {
        var files: [PodSet.File] = []
        var found: [Diagnostic] = []
        // Where a pod is known to have more files than can be read.
        var known: Set<String> = []
        for path in paths {
            do {
                let document = try YAMLDocument.read(contentsOf: path)
                if let kind = PodFileKind(document) {
                    files.append(PodSet.File(path: path, kind: kind, document: document))
                } else {
                    found += document.problems + [Self.unknown(document)]
                    known.insert(PodSet.folder(of: path))
                }
            } catch {
                found += error.all
                known.insert(PodSet.folder(of: path))
            }
        }
        var identities = SharedIdentities()
        let sets = PodSet.sets(of: files)
        known.formUnion(sets.filter { $0.lack == nil }.flatMap { $0.files.map(\.folder) })
        for set in sets {
            var reader = PodReader(name: set.name)
            let pod = reader.pod(
                network: (set.whole ?? set.network)?.document,
                hardware: set.hardware?.document,
                lab: set.lab?.document
            )
            found += reader.diagnostics
            found += identities.add(reader.identities, of: set)
            let settings = EngineSettings(set.files.map(\.document))
            let lack = pod == nil ? set.lack : nil
            if let lack, let half = set.files.first, !known.contains(half.folder) {
                found.append(Self.half(half, lack))
            }
            let name = pod?.name ?? set.name
            pods.append(Entry(name: name, files: set.paths, pod: pod, lack: lack, settings: settings))
        }
        var seen: Set<Diagnostic> = []
        found = found.filter { seen.insert($0).inserted }
        let order = Dictionary(zip(paths, paths.indices)) { first, _ in first }
        diagnostics = found.enumerated().sorted { left, right in
            let keys = [left, right].map {
                (order[$0.element.file] ?? 0, $0.element.line, $0.element.column, $0.offset)
            }
            return keys[0] < keys[1]
        }.map(\.element)
    }

    private static func unknown(_ document: YAMLDocument) -> Diagnostic {
        let position = document.root.position
        let kinds = PodFileKind.allCases.map(\.rawValue).joined(separator: ", ")
        return Diagnostic(
            file: document.file,
            line: position.line,
            column: position.column,
            message: "the file describes no pod",
            hint: "give one of: \(kinds)",
            rule: PodRule.fileUnknown.rawValue
        )
    }

    private static func half(_ file: PodSet.File, _ lack: String) -> Diagnostic {
        let position = file.document.root.position
        return Diagnostic(
            file: file.path,
            line: position.line,
            column: position.column,
            severity: .note,
            message: "this is no whole pod without \(lack)",
            hint: "name that file too",
            rule: PodRule.fileAlone.rawValue
        )
    }

    /// The files that arguments name: files, the files in folders, or those of the pods of that name.
    package static func files(
        _ arguments: [String],
        searching folders: [String] = PodFiles.searchPath()
    ) throws(PodNotFound) -> [String] {
        var paths: [String] = []
        for argument in arguments {
            if let pipe = PodFiles.pipe(argument) {
                paths.append(pipe)
                continue
            }
            var isFolder: ObjCBool = false
            // Unsafe in name only: Foundation writes one flag there.
            let exists = unsafe FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder)
            if exists, !isFolder.boolValue {
                paths.append(argument)
            } else if exists, let inside = yamlFiles(in: argument), !inside.isEmpty {
                paths += inside
            } else {
                let files = try PodFiles.locate(argument, searching: folders)
                paths += files.paths
            }
        }
        var seen: Set<String> = []
        return paths.filter { seen.insert($0).inserted }
    }

    private static func yamlFiles(in folder: String) -> [String]? {
        // A folder that cannot be listed is told of when it is looked for as a pod.
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
        return names?.filter { $0.hasSuffix(".yml") || $0.hasSuffix(".yaml") }.sorted()
            .map { folder.hasSuffix("/") ? folder + $0 : "\(folder)/\($0)" }
    }
}
