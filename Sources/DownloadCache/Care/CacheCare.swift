import Foundation
import LabModel
import SystemPackage

/// Looks after all that was recorded: shows it, checks it, makes room, carries it elsewhere.
package struct CacheCare: Sendable {
    let folder: CacheFolder

    init(_ folder: CacheFolder) { self.folder = folder }

    package init(folder path: FilePath) throws(DownloadCacheError) {
        folder = CacheFolder(root: path)
        try folder.make()
    }

    /// A recorded response, as it is shown.
    package struct Listing: Hashable, Sendable {
        package let method: String
        package let url: String
        package let response: CachedResponse
        /// Unix time, to the minute.
        package let lastUse: Int
    }

    /// All recorded responses whose URL one of the patterns matches, by URL; all, when there is none.
    package func list(_ patterns: [Glob] = []) throws(DownloadCacheError) -> [Listing] {
        try storedEntries().flatMap { stored in
            guard let entry = stored.entry, Self.isWanted(entry.url, patterns) else { return [] as [Listing] }
            return entry.responses.map {
                Listing(
                    method: entry.method,
                    url: entry.url,
                    response: $0,
                    lastUse: stored.lastUse / 1_000_000_000
                )
            }
        }.sorted { ($0.url, $0.method, $0.response.recorded) < ($1.url, $1.method, $1.response.recorded) }
    }

    /// Has labs that record fetch again, when they are asked for it next, what one of the patterns matches; how many
    /// responses those are.
    ///
    /// Not what a mirror's release file names by its content: that is the same at any time.
    @discardableResult
    package func refresh(_ patterns: [Glob]) throws(DownloadCacheError) -> Int {
        try folder.locked { () throws(DownloadCacheError) in
            var count = 0
            for stored in try storedEntries() {
                guard var entry = stored.entry, Self.isWanted(entry.url, patterns),
                    !entry.purpose.hasPrefix(Purpose.content(""))
                else { continue }
                for index in entry.responses.indices { entry.responses[index].isToRefresh = true }
                try folder.write(try DownloadCache.encoded(entry, stored.path), to: stored.path)
                count += entry.responses.count
            }
            return count
        }
    }

    static func isWanted(_ url: String, _ patterns: [Glob]) -> Bool {
        patterns.isEmpty || patterns.contains { $0.matches(url) }
    }

    /// An entry as it lies there.
    struct StoredEntry: Sendable {
        let path: FilePath
        /// By its file's name.
        let key: String
        /// Nanoseconds of Unix time.
        let lastUse: Int
        /// Nil when it cannot be read.
        let entry: CacheEntry?
    }

    func storedEntries() throws(DownloadCacheError) -> [StoredEntry] {
        var stored: [StoredEntry] = []
        for path in try Self.files(below: folder.entries) {
            guard let data = try Disk.contents(path), let status = try Disk.status(path) else { continue }
            stored.append(
                StoredEntry(
                    path: path,
                    key: path.stem ?? "",
                    lastUse: status.modified,
                    entry: try? CacheEntry(decoding: data)  // `verify` tells of one that is none.
                )
            )
        }
        return stored
    }

    /// The files in the folders of a folder.
    static func files(below folder: FilePath) throws(DownloadCacheError) -> [FilePath] {
        var files: [FilePath] = []
        for name in try Disk.names(in: folder) {
            let inner = folder.appending(name)
            files += try Disk.names(in: inner).map { inner.appending($0) }
        }
        return files
    }

    /// All states of all mirrors.
    func storedSets() throws(DownloadCacheError) -> [MirrorSet] {
        var sets: [MirrorSet] = []
        for name in try Disk.names(in: folder.sets) {
            sets += try MirrorSets.all(in: folder.sets.appending(name))
        }
        return sets
    }
}
