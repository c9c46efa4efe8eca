import Crypto
import Foundation
import SystemPackage

extension CacheCare {
    /// What is wrong with one file.
    package struct Finding: Hashable, Sendable {
        package let path: FilePath
        package let problem: String
    }

    /// What was looked at, and what was wrong.
    package struct Verification: Hashable, Sendable {
        package var responses = 0
        package var contents = 0
        package var bytes = 0
        package var findings: [Finding] = []
    }

    /// Reads everything again and compares it with what it must be; with `repair`, what is wrong is removed.
    ///
    /// Labs may record and clear up meanwhile.
    package func verify(
        repair: Bool = false,
        progress: (Verification) -> Void = { _ in }
    ) throws(DownloadCacheError) -> Verification {
        var report = Verification()
        var bad: Set<String> = []
        for path in try Self.files(below: folder.blobs) {
            guard let (digest, size) = try Self.digest(of: path) else { continue }
            report.contents += 1
            report.bytes += size
            if path != folder.blob(digest) {
                bad.insert(path.lastComponent?.string ?? "")
                report.findings.append(Finding(path: path, problem: "its SHA-256 is \(digest)"))
            }
            progress(report)
        }
        for stored in try storedEntries() {
            report.responses += stored.entry?.responses.count ?? 1
            guard let problem = try problem(with: stored) else { continue }
            report.findings.append(Finding(path: stored.path, problem: problem))
        }
        for path in try Self.files(below: folder.sets) {
            guard let problem = try problem(withSet: path) else { continue }
            report.findings.append(Finding(path: path, problem: problem))
        }
        if repair { try remove(report.findings, bad) }
        return report
    }

    /// Nil when there is none any more.
    static func digest(of path: FilePath) throws(DownloadCacheError) -> (digest: String, size: Int)? {
        guard let file = try Disk.openIfThere(path) else { return nil }
        var (hash, size) = (SHA256(), 0)
        while true {
            let bytes = try file.read(size..<size + (1 << 20))
            if bytes.isEmpty { return (Digest.hex(hash.finalize()), size) }
            hash.update(data: bytes)
            size += bytes.count
        }
    }

    private func problem(with stored: StoredEntry) throws(DownloadCacheError) -> String? {
        guard let entry = stored.entry else { return "it cannot be read as an entry" }
        guard stored.path == folder.entry(entry.key) else { return "\(entry.url): it is another's entry" }
        for response in entry.responses {
            guard Digest.isOne(response.digest) else { return "\(entry.url): its content has no digest" }
            if response.status == 200, entry.method == "GET", entry.purpose.hasPrefix("sha256:"),
                entry.purpose != Purpose.content(response.digest)
            {
                return "\(entry.url): it is not the content that is named"
            }
            guard let status = try Disk.status(folder.blob(response.digest)) else {
                // Another process may just have cleared up both.
                guard try Disk.status(stored.path) != nil else { return nil }
                return "\(entry.url): its content \(response.digest.prefix(12)) is not there"
            }
            guard status.size == response.size else {
                return "\(entry.url): its content has \(status.size) bytes instead of \(response.size)"
            }
        }
        return nil
    }

    private func problem(withSet path: FilePath) throws(DownloadCacheError) -> String? {
        guard let data = try Disk.contents(path) else { return nil }
        // What is wrong with it is not of interest.
        guard let set = try? JSONDecoder().decode(MirrorSet.self, from: data) else {
            return "it cannot be read as a mirror's state"
        }
        guard path == folder.set(set.id, of: set.root) else { return "\(set.root): it is another's state" }
        for key in set.releaseKeys {
            // Entries are looked at by themselves.
            guard let data = try Disk.contents(folder.entry(key)),
                let entry = try? CacheEntry(decoding: data),
                !entry.url.hasSuffix(".gpg"), let response = entry.responses.last,
                let content = try Disk.contents(folder.blob(response.digest))
            else { continue }
            let release = ReleaseFile(content)
            guard release?.id == set.id, release?.members == set.members else {
                return "\(set.root): it is not what its release file says"
            }
        }
        return nil
    }

    /// Removes bad files, and what refers to a bad content.
    private func remove(_ findings: [Finding], _ bad: Set<String>) throws(DownloadCacheError) {
        try folder.locked { () throws(DownloadCacheError) in
            for finding in findings { try Disk.remove(finding.path) }
            for stored in try storedEntries() {
                guard var entry = stored.entry, entry.responses.contains(where: { bad.contains($0.digest) })
                else { continue }
                entry.responses.removeAll { bad.contains($0.digest) }
                if entry.responses.isEmpty {
                    try Disk.remove(stored.path)
                } else {
                    try folder.write(try DownloadCache.encoded(entry, stored.path), to: stored.path)
                }
            }
        }
    }
}
