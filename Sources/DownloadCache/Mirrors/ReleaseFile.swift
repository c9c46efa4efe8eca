import Foundation

/// What apt's `InRelease` or `Release` says: the files of one state of a mirror.
struct ReleaseFile: Hashable, Sendable {
    /// A file by what it must contain.
    struct Member: Hashable, Sendable, Codable {
        /// SHA-256.
        let digest: String
        let size: Int
    }

    /// The codename or suite, and when this state was made.
    let label: String
    /// By their paths from the release file's folder.
    let members: [String: Member]

    /// Nil when it is none that names SHA-256 digests: a component's own `Release`, or a page of something else.
    init?(_ data: Data) {
        guard let text = String(data: data, encoding: .utf8) else { return nil }
        var fields: [String: String] = [:]
        var members: [String: Member] = [:]
        var field = ""
        for line in Self.payload(of: text) {
            if line.first == " " || line.first == "\t" {
                guard field == "sha256" else { continue }
                let words = line.split(whereSeparator: \.isWhitespace)
                guard words.count == 3, Digest.isOne(words[0]), let size = Int(words[1]) else { return nil }
                members[String(words[2])] = Member(digest: String(words[0]), size: size)
            } else if let colon = line.firstIndex(of: ":") {
                field = line[..<colon].lowercased()
                fields[field] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            }
        }
        guard !members.isEmpty else { return nil }
        let name = fields["codename"] ?? fields["suite"] ?? "repository"
        label = fields["date"].map { "\(name) of \($0)" } ?? name
        self.members = members
    }

    /// The same for `InRelease` and for `Release` with its signature beside, which say the same.
    var id: String {
        let lines = members.map { "\($0.key) \($0.value.digest) \($0.value.size)" }.sorted()
        return Digest.hex(of: ([label] + lines).joined(separator: "\n"))
    }

    /// Without the signature around it (RFC 9580 §7).
    private static func payload(of text: String) -> [Substring] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard lines.first?.hasPrefix("-----BEGIN PGP SIGNED MESSAGE-----") == true else {
            return Array(lines)
        }
        lines = lines.drop { !$0.allSatisfy(\.isWhitespace) }
        return lines.prefix { !$0.hasPrefix("-----BEGIN PGP SIGNATURE-----") }
            .map { $0.hasPrefix("- ") ? $0.dropFirst(2) : $0 }
    }
}
