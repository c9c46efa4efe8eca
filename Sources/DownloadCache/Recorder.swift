import Crypto
import Synchronization
import SystemPackage

/// The turn to fetch something and to record it; others wait meanwhile.
///
/// Whoever drops it without an end has abandoned it.
package final class Recorder: Sendable {
    private struct State {
        var file: IncomingFile?
        var hash = SHA256()
        var written = 0
        var hasEnded = false
        /// Why nothing is kept, though it would be.
        var unkept: DownloadCacheError?
    }

    package var url: String { request.url }
    let request: CacheRequest
    let place: MirrorSets.Place
    private let cache: DownloadCache
    private let fetch: Fetch
    private let state = Mutex(State())

    init(_ request: CacheRequest, _ place: MirrorSets.Place, _ cache: DownloadCache, _ fetch: Fetch) {
        (self.request, self.place, self.cache, self.fetch) = (request, place, cache, fetch)
    }

    deinit { abandon("it was given up") }

    /// The response's header has come; nil when such a response is not kept.
    ///
    /// Throws when it cannot be of the mirror's state that is served.
    package func begin(status: Int, headers: [HeaderField]) throws(DownloadCacheError) -> Recording? {
        do {
            let length = headers.first("Content-Length").flatMap { Int($0) }
            try cache.examine(self, status: status, length: length)
            guard RecordingRules.keeps(request, status: status, headers: headers),
                let (path, file) = incomingFile(for: length ?? 0)
            else {
                end { fetch.begin(nil) }
                return nil
            }
            let recording = Recording(
                url: request.url,
                status: status,
                headers: RecordingRules.kept(headers, of: request),
                length: request.method == "HEAD" ? 0 : length,
                mustBeWhole: status == 200 && expected != nil,
                content: file
            )
            state.withLock { state in
                state.file = IncomingFile(
                    path: path,
                    recording: recording,
                    vary: RecordingRules.vary(headers)
                )
            }
            fetch.begin(recording)
            return recording
        } catch {
            end { fetch.fail(error) }
            throw error
        }
    }

    /// Nil where there is no room for it, or none can be written.
    private func incomingFile(for length: Int) -> (FilePath, CachedFile)? {
        do throws(DownloadCacheError) {
            guard length <= cache.limit else { throw tooMuch }
            guard try cache.hasRoom(for: length) else {
                throw .abandoned(url: request.url, reason: "the disk has no room for it")
            }
            return try cache.folder.incomingFile()
        } catch {
            state.withLock { $0.unkept = error }
            return nil
        }
    }

    private var tooMuch: DownloadCacheError {
        .abandoned(url: request.url, reason: "it is more than the cache may take")
    }

    /// Why nothing is kept of what is passed on; nil when all is well, or such a response never is.
    package var unkept: DownloadCacheError? { state.withLock { $0.unkept } }

    /// Whether somebody reads what comes.
    package var isRead: Bool { state.withLock { $0.file?.recording.isRead ?? false } }

    /// Whether those who read what cannot be written have made room for more of it.
    ///
    /// Throws when nobody wants it any more.
    package func hasRoom() throws(DownloadCacheError) -> Bool {
        let (recording, unkept, written) = state.withLock { ($0.file?.recording, $0.unkept, $0.written) }
        guard let recording, let unkept else { return true }
        if recording.isForsaken(after: written) { throw unkept }
        return recording.hasRoom
    }

    /// Writes what has come, where readers see it at once; what cannot be written goes to them alone.
    package func append(_ bytes: RawSpan) throws(DownloadCacheError) {
        var isFull = false
        let failure: DownloadCacheError? = state.withLock { state in
            guard let file = state.file, !state.hasEnded else {
                return .abandoned(url: request.url, reason: "it has ended")
            }
            let count = state.written + bytes.byteCount
            if let length = file.recording.length, count > length {
                return .wrongLength(url: request.url, expected: length, received: count)
            }
            if state.unkept != nil {
                state.written = count
                file.recording.hold(bytes)
                return nil
            }
            // What turns out to be more than is ever kept is read by those who wanted it, and by nobody else.
            if count > cache.limit, file.recording.isForsaken(after: count - cache.limit) {
                return tooMuch
            }
            do {
                try unsafe bytes.withUnsafeBytes { buffer in
                    unsafe state.hash.update(bufferPointer: buffer)
                    let place = Int64(state.written)
                    _ = unsafe try file.recording.content.descriptor
                        .writeAll(toAbsoluteOffset: place, buffer)
                }
            } catch {
                let error = DownloadCacheError.fileSystem(
                    action: "write",
                    path: file.path,
                    reason: "\(error)"
                )
                // Nothing of it may be served before it is seen to be what it should be.
                state.unkept = error
                guard !file.recording.mustBeWhole else { return error }
                file.recording.overflow(at: state.written, error)
                (state.written, isFull) = (count, true)
                file.recording.hold(bytes)
                return nil
            }
            state.written = count
            file.recording.advance(.growing(count))
            return nil
        }
        if isFull { forget() }
        if let failure {
            fail(failure)
            throw failure
        }
    }

    /// Who asks from now on asks for himself; those who read it already have the file open.
    private func forget() {
        guard let path = state.withLock({ $0.file?.path }) else { return }
        // What cannot be removed now is a leftover that the next opening removes.
        _ = try? Disk.remove(path)
        cache.ended(fetch, request, place)
    }

    /// All has come: from now on it is found.
    ///
    /// Nil when it could not be kept: those who read it have it nonetheless.
    @discardableResult
    package func finish() async throws(DownloadCacheError) -> Recorded? {
        let (file, hash, written, unkept) = state.withLock { state in
            defer { state.hasEnded = true }
            return (state.hasEnded ? nil : state.file, state.hash, state.written, state.unkept)
        }
        guard let file else { throw .abandoned(url: request.url, reason: "it has ended") }
        do throws(DownloadCacheError) {
            if let length = file.recording.length, length != written {
                throw DownloadCacheError.wrongLength(url: request.url, expected: length, received: written)
            }
            if unkept != nil {
                end { file.recording.advance(.passed(written)) }
                return nil
            }
            let recorded = try await cache.commit(
                self,
                file,
                digest: Digest.hex(hash.finalize()),
                size: written
            )
            if written > cache.limit { state.withLock { $0.unkept = tooMuch } }
            end { file.recording.advance(.finished(recorded)) }
            return recorded
        } catch {
            // All of it is there to be read, for the last time.
            if case .fileSystem = error { state.withLock { $0.unkept = error } }
            if case .fileSystem = error, !file.recording.mustBeWhole {
                forget()
                end { file.recording.advance(.passed(written)) }
                return nil
            }
            give(up: file, error)
            throw error
        }
    }

    /// Nothing of it is kept.
    package func abandon(_ reason: String) { fail(.abandoned(url: request.url, reason: reason)) }

    /// The content's digest, where a release file or the URL has said it before.
    var expected: String? {
        if case .member(_, _, _, let digest, _) = place { digest } else { nil }
    }

    private func fail(_ error: DownloadCacheError) {
        let (file, isFirst) = state.withLock { state in
            defer { state.hasEnded = true }
            return (state.file, !state.hasEnded)
        }
        guard isFirst else { return }
        guard let file else { return end { fetch.fail(error) } }
        give(up: file, error)
    }

    private func give(up file: IncomingFile, _ error: DownloadCacheError) {
        // What cannot be removed now is a leftover that the next opening removes.
        _ = try? Disk.remove(file.path)
        end { file.recording.advance(.failed(error)) }
    }

    /// The next who asks does not find it under way any more, and then those who wait are told.
    private func end(_ tell: () -> Void) {
        state.withLock { $0.hasEnded = true }
        cache.ended(fetch, request, place)
        tell()
    }
}
