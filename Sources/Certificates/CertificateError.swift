import Foundation

/// Why there is no authority, or no certificate from it.
package enum CertificateError: Error, Hashable, Sendable, CustomStringConvertible {
    case cannotIssue(name: String, reason: String)
    /// What is kept is not an authority.
    case damaged(path: String, reason: String)
    case expired(path: String, end: Date)
    /// Others could read the private key.
    case exposed(path: String, mode: Int)
    case fileSystem(action: String, path: String, reason: String)

    package var description: String {
        switch self {
        case .cannotIssue(let name, let reason): "\(name): cannot issue a certificate: \(reason)"
        case .damaged(let path, let reason):
            "\(path): it is damaged: \(reason); \(Self.anew)"
        case .expired(let path, let end):
            "\(path): the authority has expired on \(end.formatted(.iso8601)); \(Self.anew)"
        case .exposed(let path, let mode):
            "\(path): others may read the authority's private key (mode \(String(mode, radix: 8))); "
                + "run chmod 600 if nobody has; else \(Self.anew)"
        case .fileSystem(let action, let path, let reason): "\(path): cannot \(action): \(reason)"
        }
    }

    private static let anew =
        "end all labs and remove it: the next lab makes a new one, "
        + "which machines that trust the old one must be given"
}
