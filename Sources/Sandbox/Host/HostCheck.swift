/// One thing that the host must have: whether it has it, and what mends the lack.
package struct HostCheck: Sendable, Hashable, Codable {
    package enum Outcome: String, Sendable, Codable { case ok, lacks }

    /// What was looked at: `nft`, `network namespaces`, `/dev/net/tun`.
    package var subject: String
    package var outcome: Outcome
    /// What was found, for people.
    package var found: String
    /// The command that mends the lack, or the advice where no command does.
    package var remedy: String?

    package static func ok(_ subject: String, _ found: String, remedy: String? = nil) -> HostCheck {
        HostCheck(subject: subject, outcome: .ok, found: found, remedy: remedy)
    }

    package static func lacks(_ subject: String, _ found: String, remedy: String) -> HostCheck {
        HostCheck(subject: subject, outcome: .lacks, found: found, remedy: remedy)
    }

    /// As part of an error: what lacks, and what to do.
    package var complaint: String { "\(subject): \(found)" + (remedy.map { "; run: \($0)" } ?? "") }
}

/// How a command is written that only root may run.
package enum RootCommand {
    package static func text(_ command: String, isRoot: Bool) -> String {
        isRoot ? command : "sudo \(command)"
    }

    package static func install(_ packages: [String], isRoot: Bool) -> String {
        text("apt-get install --no-install-recommends \(packages.joined(separator: " "))", isRoot: isRoot)
    }
}
