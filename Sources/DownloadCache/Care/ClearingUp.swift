import Foundation
import LabModel
import SystemPackage

extension CacheCare {
    /// What clearing up removed, and what is left.
    package struct ClearedUp: Hashable, Sendable {
        /// Responses that had not been used for longest.
        package var responses = 0
        package var freed = 0
        /// Files of writers that were killed, and contents that no response has.
        package var leftovers = 0
        package var bytes = 0
    }

    /// Removes leftovers, and what was used longest ago until the rest is within the limit, with a tenth to spare.
    ///
    /// A mirror's state goes as a whole, and not while a lab serves it. What is being read goes from its folder only:
    /// its readers have it open.
    @discardableResult
    package func clearUp(limit: Memory) throws(DownloadCacheError) -> ClearedUp {
        try clearUp(limit: Int(clamping: limit.bytes))
    }

    @discardableResult
    func clearUp(limit: Int) throws(DownloadCacheError) -> ClearedUp {
        let leftovers = try folder.removeLeftovers()
        return try folder.locked { () throws(DownloadCacheError) in
            var room = try Room(of: self)
            room.done.leftovers = leftovers
            try room.removeOrphans()
            if room.done.bytes > limit { try room.makeRoom(limit - limit / 10) }
            try folder.count(room.done.bytes)
            return room.done
        }
    }

    /// All that takes room, while nobody else adds to it.
    private struct Room {
        /// What goes as one.
        private enum Unit { case entry(String), set(MirrorSet) }

        private let folder: CacheFolder
        private var entries: [String: StoredEntry]
        private let sets: [MirrorSet]
        /// The entries of each set that are there.
        private let keys: [MirrorSet: [String]]
        /// How many entries have a content, and how many sets have an entry.
        private var users: [String: Int] = [:]
        private var owners: [String: Int] = [:]
        private var sizes: [String: Int] = [:]
        var done = ClearedUp()

        init(of care: CacheCare) throws(DownloadCacheError) {
            folder = care.folder
            let entries = Dictionary(try care.storedEntries().map { ($0.key, $0) }) { first, _ in first }
            self.entries = entries
            sets = try care.storedSets()
            var keys: [MirrorSet: [String]] = [:]
            for set in sets {
                let all = set.releaseKeys + set.members.flatMap { set.keys(of: $0.key, $0.value) }
                keys[set] = Set(all).filter { entries[$0] != nil }
                for key in keys[set] ?? [] { owners[key, default: 0] += 1 }
            }
            self.keys = keys
            for stored in entries.values {
                for digest in Self.digests(stored) { users[digest, default: 0] += 1 }
            }
            for path in try CacheCare.files(below: folder.blobs) {
                guard let status = try Disk.status(path), let name = path.lastComponent?.string else {
                    continue
                }
                sizes[name] = status.size
                done.bytes += status.size
            }
        }

        private static func digests(_ stored: StoredEntry) -> Set<String> {
            Set(stored.entry?.responses.map(\.digest) ?? [])
        }

        /// Contents that came into place just before their writer was killed, and states without a release file.
        mutating func removeOrphans() throws(DownloadCacheError) {
            for digest in sizes.keys where users[digest] == nil {
                try remove(blob: digest)
                done.leftovers += 1
            }
            for set in sets where !set.releaseKeys.contains(where: { entries[$0] != nil }) {
                if try remove(set) { done.leftovers += 1 }
            }
        }

        mutating func makeRoom(_ target: Int) throws(DownloadCacheError) {
            var units: [(lastUse: Int, unit: Unit)] = []
            for stored in entries.values where owners[stored.key] == nil {
                units.append((stored.lastUse, .entry(stored.key)))
            }
            for set in sets {
                // A lab asks for the release file first: that is when the state was used.
                let uses = set.releaseKeys.compactMap { entries[$0]?.lastUse }
                if let last = uses.max() { units.append((last, .set(set))) }
            }
            for (_, unit) in units.sorted(by: { $0.lastUse < $1.lastUse }) {
                guard done.bytes > target else { return }
                switch unit {
                case .entry(let key): try remove(entry: key)
                case .set(let set): try remove(set)
                }
            }
        }

        /// False when a lab serves it.
        @discardableResult
        private mutating func remove(_ set: MirrorSet) throws(DownloadCacheError) -> Bool {
            let path = folder.set(set.id, of: set.root)
            guard let file = try Disk.openIfThere(path) else { return true }
            guard flock(file.descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else { return false }
            try Disk.remove(path)
            for key in keys[set] ?? [] {
                owners[key, default: 1] -= 1
                if owners[key] == 0 { try remove(entry: key) }
            }
            return true
        }

        private mutating func remove(entry key: String) throws(DownloadCacheError) {
            guard let stored = entries.removeValue(forKey: key) else { return }
            try Disk.remove(stored.path)
            done.responses += stored.entry?.responses.count ?? 1
            for digest in Self.digests(stored) {
                users[digest, default: 1] -= 1
                if users[digest] == 0 { try remove(blob: digest) }
            }
        }

        private mutating func remove(blob digest: String) throws(DownloadCacheError) {
            try Disk.remove(folder.blob(digest))
            let size = sizes.removeValue(forKey: digest) ?? 0
            done.bytes -= size
            done.freed += size
        }
    }
}
