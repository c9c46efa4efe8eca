import Foundation
import Synchronization
import SystemPackage

/// Which state of each mirror this replay serves: the one that it chose first, until it fetches another.
///
/// Chosen is the newest state that has all which the one before it has: one whose fetching was interrupted does not
/// take the place of one that is complete.
final class MirrorSets: Sendable {
    /// A state that is not cleared away while this lives.
    private struct Held: Sendable {
        let set: MirrorSet
        let lock: CachedFile
    }

    private struct State {
        var chosen: [String: Held] = [:]
        /// Mirrors that have moved on.
        var stale: Set<String> = []
    }

    private let folder: CacheFolder
    private let state = Mutex(State())

    init(_ folder: CacheFolder) { self.folder = folder }

    /// What a URL is to a repository.
    enum Place: Hashable, Sendable {
        case elsewhere
        /// A release file, and the state that is served of it.
        case release(root: String, set: MirrorSet?)
        /// What the chosen state names, and by which content; no root when only the URL names it.
        case member(root: String?, path: String, ReleaseFile.Member?, digest: String, label: String?)
    }

    func place(of url: String) throws(DownloadCacheError) -> Place {
        guard let path = RepositoryPath(url) else { return .elsewhere }
        for root in path.roots {
            guard let set = try chosen(root) else { continue }
            let relative = path.path(from: root)
            if let digest = path.byHash {
                let isNamed = set.members.values.contains { $0.digest == digest }
                return .member(
                    root: root,
                    path: relative,
                    nil,
                    digest: digest,
                    label: isNamed ? set.label : nil
                )
            }
            guard let member = set.members[relative] else { continue }
            return .member(root: root, path: relative, member, digest: member.digest, label: set.label)
        }
        if let digest = path.byHash {
            return .member(root: nil, path: path.name, nil, digest: digest, label: nil)
        }
        if let root = path.rootOfRelease { return .release(root: root, set: try chosen(root)) }
        return .elsewhere
    }

    /// Whether the release file is to be fetched again.
    func isStale(_ root: String) -> Bool { state.withLock { $0.stale.contains(root) } }

    func markStale(_ root: String) { state.withLock { _ = $0.stale.insert(root) } }

    /// A package that is gone tells that the lists which name it are old.
    func markStale(base url: String) {
        state.withLock { state in
            for root in state.chosen.keys where url.hasPrefix(RepositoryPath.base(of: root)) {
                state.stale.insert(root)
            }
        }
    }

    /// Serves this state from now on, which was just fetched.
    func choose(_ set: MirrorSet) throws(DownloadCacheError) {
        let path = folder.set(set.id, of: set.root)
        if try Disk.status(path) == nil {
            do {
                try folder.write(try JSONEncoder().encode(set), to: path)
            } catch let error as DownloadCacheError {
                throw error
            } catch {
                throw .fileSystem(action: "write", path: path, reason: "\(error)")
            }
        }
        let held = try hold(set, at: path)
        state.withLock { state in
            state.chosen[set.root] = held
            state.stale.remove(set.root)
        }
    }

    private func chosen(_ root: String) throws(DownloadCacheError) -> MirrorSet? {
        if let held = state.withLock({ $0.chosen[root] }) { return held.set }
        var best: Held?
        for set in try Self.all(of: root, in: folder) {
            let isThere = { (key: String) throws(DownloadCacheError) in
                try Disk.status(self.folder.entry(key)) != nil
            }
            if let former = best?.set, try !set.covers(former, isThere: isThere) { continue }
            if let held = try hold(set, at: folder.set(set.id, of: root)) { best = held }
        }
        guard let best else { return nil }
        return state.withLock { state in
            // Another request may have chosen meanwhile.
            let held = state.chosen[root] ?? best
            state.chosen[root] = held
            return held.set
        }
    }

    /// Nil when it was cleared away meanwhile.
    private func hold(_ set: MirrorSet, at path: FilePath) throws(DownloadCacheError) -> Held? {
        guard let lock = try Disk.openIfThere(path) else { return nil }
        // Who clears up tries the lock for a moment: waited for.
        guard flock(lock.descriptor.rawValue, LOCK_SH) == 0 else { throw .failed("lock", path) }
        return try Disk.links(lock, path) > 0 ? Held(set: set, lock: lock) : nil
    }

    /// All states of a mirror whose release file is there, the oldest first.
    static func all(of root: String, in folder: CacheFolder) throws(DownloadCacheError) -> [MirrorSet] {
        let path = folder.sets(of: root)
        // Most folders of a mirror have no release file.
        guard try Disk.status(path) != nil else { return [] }
        return try all(in: path).filter { set in
            set.root == root
                && set.releaseKeys.contains {
                    FileManager.default.fileExists(atPath: folder.entry($0).string)
                }
        }
    }

    /// All states in a folder of a mirror, the oldest first; what cannot be read is for `verify` to tell.
    static func all(in path: FilePath) throws(DownloadCacheError) -> [MirrorSet] {
        var sets: [MirrorSet] = []
        for name in try Disk.names(in: path) {
            guard let data = try Disk.contents(path.appending(name)),
                let set = try? JSONDecoder().decode(MirrorSet.self, from: data)  // As said above.
            else { continue }
            sets.append(set)
        }
        return sets.sorted { ($0.recorded, $0.id) < ($1.recorded, $1.id) }
    }
}
