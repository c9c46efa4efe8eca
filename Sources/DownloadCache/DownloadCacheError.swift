import SystemPackage

/// Why something could not be recorded, found or carried elsewhere.
package enum DownloadCacheError: Error, Sendable, Equatable, CustomStringConvertible {
    case fileSystem(action: String, path: FilePath, reason: String)
    /// The response ended before, or went on after, the length that its header gave.
    case wrongLength(url: String, expected: Int, received: Int)
    /// Whoever recorded it gave up.
    case abandoned(url: String, reason: String)
    /// The mirror is in another state than the one whose release file was recorded.
    case mirrorMovedOn(root: String, member: String, reason: String)
    case badArchive(path: FilePath, problems: [String])
    case noMatch(pattern: String)
    /// What cannot be exported: its URL, and what is wrong with it.
    case damaged([String])
    case programFailed(command: String, reason: String)

    package var description: String {
        switch self {
        case .fileSystem(let action, let path, let reason): "\(path): cannot \(action): \(reason)"
        case .wrongLength(let url, let expected, let received):
            "\(url): \(received) bytes came instead of \(expected): nothing is recorded"
        case .abandoned(let url, let reason): "\(url): not recorded: \(reason)"
        case .mirrorMovedOn(let root, let member, let reason):
            "\(root): the mirror has moved on since its release file was recorded: \(member): \(reason); "
                + "the next request for the release file begins a new set: run apt-get update again"
        case .badArchive(let path, let problems):
            "\(path): nothing is imported, give a whole archive of vlab cache export: "
                + problems.joined(separator: "; ")
        case .noMatch(let pattern):
            pattern.isEmpty
                ? "nothing is recorded yet"
                : "\(pattern): no recorded URL matches; vlab cache list shows them"
        case .damaged(let problems):
            problems.joined(separator: "\n")
                + "\nnothing is exported: vlab cache verify --repair removes what is wrong"
        case .programFailed(let command, let reason): "\(command): \(reason)"
        }
    }
}
