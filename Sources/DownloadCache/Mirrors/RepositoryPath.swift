/// A URL as apt's layout of repositories reads it, before it is known which release files there are.
struct RepositoryPath: Hashable, Sendable {
    /// Addresses whose release file may name it, the longest first, each without a slash at its end.
    let roots: [String]
    let url: String
    /// The contents' SHA-256 when the URL itself names them (`Acquire-By-Hash`).
    let byHash: String?

    private static let releaseFiles: Set = ["InRelease", "Release", "Release.gpg"]
    private static let flatIndices = [
        "Packages", "Sources", "Release", "InRelease", "Contents", "Translation",
    ]

    /// Nil for what no release file names: packages themselves, and all that is not of a repository.
    init?(_ url: String) {
        // Most URLs are not, and are told apart without taking them to pieces.
        let slash = url.utf8.lastIndex(of: UInt8(ascii: "/")).map(url.utf8.index(after:)) ?? url.startIndex
        let file = String(url[slash...])
        let dists = url.firstPlace(of: "/dists/")
        guard !url.utf8.contains(UInt8(ascii: "?")),
            dists != nil || Self.isIndex(file) || url.firstPlace(of: "/by-hash/") != nil
        else { return nil }
        self.url = url
        let parts = url.split(separator: "/", omittingEmptySubsequences: false)
        byHash =
            parts.count > 3 && parts[parts.count - 3] == "by-hash" && parts[parts.count - 2] == "SHA256"
                && Digest.isOne(file) ? file : nil
        var folder = url[...].dropLast(file.count + 1)
        var roots: [String] = []
        if let dists {
            while folder.endIndex > dists.upperBound {
                roots.append(String(folder))
                guard let slash = folder.lastIndex(of: "/") else { break }
                folder = folder[..<slash]
            }
        } else {
            // A flat repository: all in one folder.
            if let range = folder.firstPlace(of: "/by-hash/") { folder = folder[..<range.lowerBound] }
            roots.append(String(folder))
        }
        self.roots = roots
    }

    /// Nil unless it may be a release file: then what it would be the release file of.
    var rootOfRelease: String? { Self.releaseFiles.contains(name) ? roots.first : nil }

    var name: String { String(url[(url.lastIndex(of: "/").map(url.index(after:)) ?? url.startIndex)...]) }

    /// The path from a root.
    func path(from root: String) -> String { String(url.dropFirst(root.count + 1)) }

    /// What a root's packages lie below.
    static func base(of root: String) -> String {
        root.firstPlace(of: "/dists/").map { String(root[..<$0.lowerBound]) + "/" } ?? root + "/"
    }

    private static func isIndex(_ file: String) -> Bool { flatIndices.contains { file.hasPrefix($0) } }
}

extension StringProtocol {
    /// Where it has that text for the first time, byte for byte: each request looks for several.
    func firstPlace(of text: String) -> Range<Index>? {
        guard let first = text.utf8.first else { return nil }
        var rest = self[...].utf8[...]
        while let start = rest.firstIndex(of: first) {
            rest = rest[start...]
            if rest.starts(with: text.utf8) { return start..<rest.index(start, offsetBy: text.utf8.count) }
            rest = rest.dropFirst()
        }
        return nil
    }
}
