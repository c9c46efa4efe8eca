import Foundation

/// Files of real pods, kept outside of the project.
enum PodCorpus {
    static let folder =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/shared/pods"
    static let isThere = FileManager.default.fileExists(atPath: folder)
    static let whyNot = "\(folder) is not there: no file of a real pod is read"

    /// All files, from the folder on, sorted.
    static let files: [String] = {
        let all = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasSuffix(".yml") || $0.hasSuffix(".yaml") }.sorted()
    }()

    /// Each folder with files in it, but for the schemas, which describe no pod.
    static let folders: [String] = Set(
        files.filter { !$0.contains("/schema/") }.map {
            $0.split(separator: "/").dropLast().joined(separator: "/")
        }
    ).sorted()

    /// The files of one folder, with their whole paths.
    static func paths(in place: String) -> [String] {
        files.filter { $0.split(separator: "/").dropLast().joined(separator: "/") == place }
            .map { "\(folder)/\($0)" }
    }
}
