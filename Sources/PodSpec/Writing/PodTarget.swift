/// A format that pods can be written in.
package enum PodTarget: String, CaseIterable, Sendable, Codable {
    /// Compass4nfv's second generation, as its Gambia release reads it.
    case compass
    /// Its first generation.
    case compassOld = "compass-old"
    /// OPNFV's pod and installer descriptor files.
    case pdf
    case vlab
}

/// A file that was written, not yet to a disk.
package struct WrittenFile: Hashable, Sendable, Codable {
    package var name: String
    package var text: String

    /// Of vlab's own files, with which editors check them.
    package var schema: PodSchema? {
        switch name {
        case "pod.yml": .pod
        case "lab.yml": .lab
        default: nil
        }
    }

    /// The text for a folder that holds the schema too: its first line leads editors there.
    package var textBesideSchema: String {
        schema.map { "# yaml-language-server: $schema=\($0.name)\n" + text } ?? text
    }
}

/// A pod as one format says it.
struct WrittenPod {
    /// Networks and wires, or all of it.
    var network: WrittenFile
    /// Hosts and BMCs; nil when the other file says all.
    var hardware: WrittenFile?
    /// What no source said and the format must have.
    var assumed: [ConversionItem] = []

    var files: [WrittenFile] { [network] + (hardware.map { [$0] } ?? []) }
}

/// One thing that is not the same on both sides of a conversion.
package struct ConversionItem: Hashable, Sendable, Codable, CustomStringConvertible {
    package enum Kind: String, Sendable, Codable {
        /// The target cannot say it.
        case lost
        /// The target must say it, and the source does not.
        case assumed
        /// It is so in the running lab, and otherwise in its files.
        case seen
    }

    package var kind: Kind
    /// `node ctl01`, `network mgmt`, `network.yml`.
    package var subject: String
    /// What of it: `DHCP`; nil when all of it is.
    package var property: String?
    package var before: String?
    package var after: String?
    package var reason: String?

    package init(
        _ kind: Kind,
        _ subject: String,
        _ property: String? = nil,
        before: String? = nil,
        after: String? = nil,
        reason: String? = nil
    ) {
        (self.kind, self.subject, self.property) = (kind, subject, property)
        (self.before, self.after, self.reason) = (before, after, reason)
    }

    package var description: String {
        let what = subject + (property.map { ": \($0)" } ?? "")
        let change =
            switch (before, after) {
            case (let before?, let after?): ": \(before) → \(after)"
            case (let one?, nil), (nil, let one?): ": \(one)"
            case (nil, nil): ""
            }
        return "\(kind.rawValue): \(what)\(change)" + (reason.map { " (\($0))" } ?? "")
    }
}
