import Foundation

/// One state of a mirror, as its release file tells it: a file in `sets`.
struct MirrorSet: Hashable, Sendable, Codable {
    /// The release file's address without its name.
    let root: String
    let id: String
    let label: String
    /// Unix time in microseconds: the newest counts, and two may come within a second.
    let recorded: Int
    let members: [String: ReleaseFile.Member]

    init(_ release: ReleaseFile, root: String, recorded: Int) {
        (self.root, id, label) = (root, release.id, release.label)
        (self.recorded, members) = (recorded, release.members)
    }

    /// The keys under which a member may lie: by its name, and by its digest.
    func keys(of path: String, _ member: ReleaseFile.Member) -> [String] {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        return ["\(root)/\(path)", "\(root)/\(folder)by-hash/SHA256/\(member.digest)"].map {
            CacheRequest("GET", $0).key(Purpose.content(member.digest))
        }
    }

    /// The keys under which its release file may lie.
    var releaseKeys: [String] {
        ["InRelease", "Release", "Release.gpg"].map {
            CacheRequest("GET", "\(root)/\($0)").key(Purpose.release(id))
        }
    }

    /// Whether all is there that is there of another, unless this state has it no more.
    ///
    /// One that a client began to fetch and did not end is behind the one before it. Which compression was fetched
    /// does not matter.
    func covers(
        _ other: MirrorSet,
        isThere: (_ key: String) throws(DownloadCacheError) -> Bool
    )
        throws(DownloadCacheError) -> Bool
    {
        let own = Dictionary(grouping: members.keys, by: Self.stem)
        for (path, member) in other.members {
            guard let paths = own[Self.stem(path)] else { continue }
            guard try Self.any(other.keys(of: path, member), isThere) else { continue }
            let keys = paths.flatMap { path in members[path].map { self.keys(of: path, $0) } ?? [] }
            guard try Self.any(keys, isThere) else { return false }
        }
        return true
    }

    private static func any(
        _ keys: [String],
        _ isThere: (String) throws(DownloadCacheError) -> Bool
    ) throws(DownloadCacheError) -> Bool {
        for key in keys where try isThere(key) { return true }
        return false
    }

    private static func stem(_ path: String) -> String {
        for suffix in [".xz", ".gz", ".bz2", ".zst", ".lzma", ".lz4"] where path.hasSuffix(suffix) {
            return String(path.dropLast(suffix.count))
        }
        return path
    }
}

/// What sets apart the responses of one URL, in their keys.
enum Purpose {
    static let plain = ""
    static func content(_ digest: String) -> String { "sha256:\(digest)" }
    static func release(_ id: String) -> String { "set:\(id)" }
}
