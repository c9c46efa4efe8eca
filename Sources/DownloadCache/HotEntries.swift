import Foundation
import Synchronization
import SystemPackage

/// The entries that were used last, with their contents open: most requests are answered without touching the disk.
///
/// Other processes change the folder too: what is here is compared with it once a second.
final class HotEntries: Sendable {
    private struct Hot {
        let entry: CacheEntry
        var status: Disk.Status
        var files: [String: CachedFile] = [:]
        var looked: ContinuousClock.Instant
        var touched: ContinuousClock.Instant?
    }

    private static let room = 512
    private static let trusted = Duration.seconds(1)
    private static let touching = Duration.seconds(60)

    private let folder: CacheFolder
    private let state = Mutex<[String: Hot]>([:])

    init(_ folder: CacheFolder) { self.folder = folder }

    /// The response under a key for a request, if one is there and is wanted.
    func find(
        _ key: String,
        for request: CacheRequest,
        where isWanted: (CachedResponse) -> Bool
    ) throws(DownloadCacheError) -> Recorded? {
        let now = ContinuousClock.now
        var hot: Hot
        if let known = state.withLock({ $0[key] }), now - known.looked < Self.trusted {
            hot = known
        } else if let read = try read(key, now) {
            hot = read
        } else {
            return nil
        }
        guard let response = hot.entry.response(to: request), isWanted(response) else { return nil }
        if hot.files[response.digest] == nil {
            // Cleared away just now; `verify` tells of one that lacks for another reason.
            guard let file = try Disk.openIfThere(folder.blob(response.digest)) else { return nil }
            hot.files[response.digest] = file
        }
        if hot.touched.map({ now - $0 >= Self.touching }) ?? true {
            hot.touched = now
            let path = folder.entry(key)
            Disk.touch(path)
            if let status = try Disk.status(path) { hot.status = status }
        }
        remember(hot, key)
        return hot.files[response.digest].map {
            Recorded(method: hot.entry.method, url: hot.entry.url, response: response, content: $0)
        }
    }

    private func read(_ key: String, _ now: ContinuousClock.Instant) throws(DownloadCacheError) -> Hot? {
        let path = folder.entry(key)
        guard let status = try Disk.status(path) else {
            state.withLock { _ = $0.removeValue(forKey: key) }
            return nil
        }
        if var known = state.withLock({ $0[key] }), known.status == status {
            known.looked = now
            return known
        }
        guard let file = try Disk.openIfThere(path) else { return nil }
        let data = Data(try file.read(0..<(try Disk.status(file, path).size)))
        // What cannot be read is as good as not there: `verify` tells of it.
        guard let entry = try? CacheEntry(decoding: data) else { return nil }
        return Hot(entry: entry, status: try Disk.status(file, path), looked: now)
    }

    private func remember(_ hot: Hot, _ key: String) {
        state.withLock { state in
            if state.count >= Self.room, state[key] == nil {
                let oldest = state.sorted { $0.value.looked < $1.value.looked }.prefix(Self.room / 4)
                for key in oldest.map(\.key) { state.removeValue(forKey: key) }
            }
            state[key] = hot
        }
    }

    /// It has changed.
    func forget(_ key: String) { state.withLock { _ = $0.removeValue(forKey: key) } }
}
