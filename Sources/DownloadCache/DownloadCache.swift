import Foundation
import LabModel
import Synchronization
import SystemPackage

/// Responses of the outside world that were recorded, on disk, shared by all labs of this user.
///
/// One of these is one replay: of each mirror it serves one state, until it fetches another.
///
///     let cache = try DownloadCache(folder: FilePath(state.downloads), limit: .gibibytes(20))
///     switch try cache.claim(CacheRequest("GET", url, headers: headers)) {
///     case .recorded(let recorded): …serve recorded.content…
///     case .underWay(let fetch): …read what fetch.recording() records, while it grows…
///     case .yours(let recorder): …fetch it; recorder.begin, append, finish…
///     }
package final class DownloadCache: Sendable {
    /// What becomes of a request when there is a way out.
    package enum Claim: Sendable {
        case recorded(Recorded)
        case underWay(Fetch)
        case yours(Recorder)
    }

    package static let defaultLimit = Memory.gibibytes(20)

    let folder: CacheFolder
    /// Bytes of contents; the least recently used go when there are more.
    let limit: Int
    private let sets: MirrorSets
    private let hot: HotEntries
    /// Bytes that the disk still has room for.
    private let room: @Sendable () throws(DownloadCacheError) -> Int
    private let fetches = Mutex<[String: Fetch]>([:])
    private let queue = DispatchQueue(label: "vlab.downloads")

    /// Makes the folder, and removes what writers left there that were killed, and what is more than the limit.
    ///
    /// Within the limit it takes no longer for many entries than for none.
    package convenience init(
        folder path: FilePath,
        limit: Memory = defaultLimit
    ) throws(DownloadCacheError) {
        try self.init(folder: path, limit: limit) { () throws(DownloadCacheError) in try Disk.room(path) }
    }

    init(
        folder path: FilePath,
        limit: Memory,
        room: @escaping @Sendable () throws(DownloadCacheError) -> Int
    ) throws(DownloadCacheError) {
        folder = CacheFolder(root: path)
        self.limit = Int(clamping: limit.bytes)
        self.room = room
        (sets, hot) = (MirrorSets(folder), HotEntries(folder))
        try folder.make()
        try folder.removeLeftovers()
        if let counted = folder.countedSize, counted > self.limit {
            try CacheCare(folder).clearUp(limit: self.limit)
        }
    }

    /// What was recorded for a request: all that a lab without a way out has.
    package func lookup(_ request: CacheRequest) throws(DownloadCacheError) -> Recorded? {
        try find(request, try sets.place(of: request.url))
    }

    /// What was recorded for a request, or is being recorded at this moment, though nobody may begin to.
    package func claimRecorded(_ request: CacheRequest) throws(DownloadCacheError) -> Claim? {
        let place = try sets.place(of: request.url)
        if let recorded = try find(request, place) { return .recorded(recorded) }
        let fetch = fetches.withLock { $0[request.sharingKey(Self.sharing(place))] }
        if let fetch { return .underWay(fetch) }
        // One that was under way has found its place before it was forgotten.
        return try find(request, place).map { .recorded($0) }
    }

    /// What was recorded for a request and need not be fetched again.
    package func current(_ request: CacheRequest) throws(DownloadCacheError) -> Recorded? {
        try current(request, try sets.place(of: request.url))
    }

    /// What was recorded for a request, or who fetches it.
    package func claim(_ request: CacheRequest) throws(DownloadCacheError) -> Claim {
        let place = try sets.place(of: request.url)
        if let recorded = try current(request, place) { return .recorded(recorded) }
        let key = request.sharingKey(Self.sharing(place))
        let result = fetches.withLock { fetches -> Result<Claim, DownloadCacheError> in
            if let fetch = fetches[key] { return .success(.underWay(fetch)) }
            do throws(DownloadCacheError) {
                // Whoever was fetching it has found its place before the fetch was forgotten.
                if let recorded = try current(request, place) { return .success(.recorded(recorded)) }
            } catch {
                return .failure(error)
            }
            let fetch = Fetch(of: request.url)
            fetches[key] = fetch
            return .success(.yours(Recorder(request, place, self, fetch)))
        }
        return try result.get()
    }

    /// Not a release file of a mirror that has moved on, and nothing that somebody wants fetched again.
    private func current(
        _ request: CacheRequest,
        _ place: MirrorSets.Place
    ) throws(DownloadCacheError) -> Recorded? {
        if case .release(let root, _) = place, sets.isStale(root) { return nil }
        guard let found = try find(request, place), found.response.isToRefresh != true else { return nil }
        return found
    }

    private func find(
        _ request: CacheRequest,
        _ place: MirrorSets.Place
    ) throws(DownloadCacheError) -> Recorded? {
        for method in request.method == "HEAD" ? ["GET", "HEAD"] : [request.method] {
            let asked = CacheRequest(
                method,
                request.url,
                headers: request.headers,
                bodyDigest: request.bodyDigest
            )
            if let purpose = Self.purpose(place),
                let recorded = try hot.find(asked.key(purpose), for: asked, where: { _ in true })
            {
                return recorded
            }
            // What a release file names by its content is that content, or no content: a redirection, or not there.
            let plain = try hot.find(asked.key(Purpose.plain), for: asked) { response in
                switch place {
                case .elsewhere, .release(_, nil): true
                case .release(_, _?): response.status != 200
                case .member(_, _, _, let digest, _): response.status != 200 || response.digest == digest
                }
            }
            if let plain { return plain }
        }
        return nil
    }

    /// Nil where the URL is all.
    private static func purpose(_ place: MirrorSets.Place) -> String? {
        switch place {
        case .elsewhere, .release(_, nil): nil
        case .release(_, let set?): Purpose.release(set.id)
        case .member(_, _, _, let digest, _): Purpose.content(digest)
        }
    }

    private static func sharing(_ place: MirrorSets.Place) -> String { purpose(place) ?? Purpose.plain }

    /// Forgets that it is under way.
    func ended(_ fetch: Fetch, _ request: CacheRequest, _ place: MirrorSets.Place) {
        let key = request.sharingKey(Self.sharing(place))
        fetches.withLock { fetches in
            if fetches[key] === fetch { fetches.removeValue(forKey: key) }
        }
    }
}

// MARK: - Recording

extension DownloadCache {
    /// Throws when a response's header tells that the mirror is in another state than the one that is served.
    func examine(_ recorder: Recorder, status: Int, length: Int?) throws(DownloadCacheError) {
        switch recorder.place {
        case .elsewhere:
            if RecordingRules.gone.contains(status) { sets.markStale(base: recorder.request.url) }
        case .release: break
        case .member(let root?, let path, let member, _, _?):
            if RecordingRules.gone.contains(status) {
                throw movedOn(root, path, "the mirror answers \(status)")
            }
            if status == 200, recorder.request.method == "GET", let length, let member, length != member.size
            {
                throw movedOn(root, path, "it has \(length) bytes instead of \(member.size)")
            }
        case .member: break
        }
    }

    /// Whether the disk has room for so many bytes more, made by what was not used for longest where that helps.
    func hasRoom(for count: Int) throws(DownloadCacheError) -> Bool {
        let (free, held) = (try room(), folder.countedSize ?? 0)
        if count <= free { return true }
        guard count <= free + held else { return false }
        try CacheCare(folder).clearUp(limit: held - (count - free))
        return count <= (try room())
    }

    private func movedOn(_ root: String, _ member: String, _ reason: String) -> DownloadCacheError {
        sets.markStale(root)
        return .mirrorMovedOn(root: root, member: member, reason: reason)
    }

    /// Makes a response visible: its blob, its state of the mirror, and then its entry.
    func commit(
        _ recorder: Recorder,
        _ file: IncomingFile,
        digest: String,
        size: Int
    ) async throws(DownloadCacheError) -> Recorded {
        let result = await withCheckedContinuation { continuation in
            queue.async {
                let result = Result<Recorded, DownloadCacheError> { () throws(DownloadCacheError) in
                    try self.commitNow(recorder, file, digest: digest, size: size)
                }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }

    private func commitNow(
        _ recorder: Recorder,
        _ file: IncomingFile,
        digest: String,
        size: Int
    ) throws(DownloadCacheError) -> Recorded {
        let request = recorder.request
        let isWhole = file.recording.status == 200 && request.method == "GET"
        var (purpose, label): (String, String?) = (Purpose.plain, nil)
        var newSet: MirrorSet?
        switch recorder.place {
        case .elsewhere: break
        case .member(let root, let path, _, let expected, let name):
            guard isWhole else { break }
            guard digest == expected else {
                let reason = "its SHA-256 is \(digest) instead of \(expected)"
                if let root, name != nil { throw movedOn(root, path, reason) }
                throw .abandoned(url: request.url, reason: reason)
            }
            (purpose, label) = (Purpose.content(digest), name)
        case .release(let root, _):
            guard isWhole else { break }
            if request.url.hasSuffix(".gpg") {
                // It signs the release file that was fetched before it.
                guard case .release(_, let set?) = try sets.place(of: request.url) else { break }
                (purpose, label) = (Purpose.release(set.id), set.label)
            } else if let release = ReleaseFile(Data(try file.recording.content.read(0..<size))) {
                let now = Int(Date().timeIntervalSince1970 * 1e6)
                let set = MirrorSet(release, root: root, recorded: now)
                (purpose, label, newSet) = (Purpose.release(set.id), set.label, set)
            }
        }
        let response = CachedResponse(
            status: file.recording.status,
            headers: file.recording.headers,
            digest: digest,
            size: size,
            recorded: Int(time(nil)),
            vary: request.values(of: file.vary),
            set: label,
            isToRefresh: nil
        )
        let recorded = Recorded(
            method: request.method,
            url: request.url,
            response: response,
            content: file.recording.content
        )
        guard size <= limit else {
            try Disk.remove(file.path)
            return recorded
        }
        let key = request.key(purpose)
        let counted = try folder.locked { () throws(DownloadCacheError) in
            var entry = try Self.entry(at: folder.entry(key)) ?? CacheEntry(request, purpose: purpose)
            guard entry.add(response) else {
                try Disk.remove(file.path)
                return 0
            }
            let isNew = try Disk.status(folder.blob(digest)) == nil
            try folder.place(blob: file.path, file.recording.content, digest)
            if let newSet { try sets.choose(newSet) }
            try folder.write(try Self.encoded(entry, folder.entry(key)), to: folder.entry(key))
            Disk.touch(folder.entry(key))
            hot.forget(key)
            let counted = folder.countedSize.map { $0 + (isNew ? size : 0) } ?? .max
            if counted <= limit { try folder.count(counted) }
            return counted
        }
        if counted > limit { try CacheCare(folder).clearUp(limit: limit) }
        return recorded
    }

    /// Nil when there is none, or none that can be read: it is replaced.
    private static func entry(at path: FilePath) throws(DownloadCacheError) -> CacheEntry? {
        guard let data = try Disk.contents(path) else { return nil }
        return try? CacheEntry(decoding: data)  // As said above.
    }

    static func encoded(_ entry: CacheEntry, _ path: FilePath) throws(DownloadCacheError) -> Data {
        do {
            return try entry.encoded()
        } catch {
            throw .fileSystem(action: "encode", path: path, reason: "\(error)")
        }
    }
}
