import Synchronization

/// A response that is being recorded, for those who read it meanwhile.
///
///     var sent = 0
///     while true {
///         switch await recording.progress(beyond: sent) {
///         case .growing(let count): …send sent..<count of recording.content…; sent = count
///         case .finished(let recorded): …the rest…; return
///         case .failed(let error): throw error
///         }
///     }
package final class Recording: Sendable {
    /// How far it is.
    package enum Progress: Sendable {
        case growing(Int)
        case finished(Recorded)
        /// All of so many bytes have come, and nothing is kept of them.
        case passed(Int)
        case failed(DownloadCacheError)

        /// Whether somebody who has so many bytes has something new to know.
        fileprivate func isNews(beyond count: Int) -> Bool {
            if case .growing(let written) = self { written > count } else { true }
        }
    }

    private struct State {
        var progress = Progress.growing(0)
        var waiting: [Int: (count: Int, continuation: CheckedContinuation<Progress, Never>)] = [:]
        /// Those who gave up before they had begun to wait.
        var hasLeft: Set<Int> = []
        var next = 0
        /// How far those are who read it, and how many have ever come.
        var followers: [Int: Int] = [:]
        var everFollowed = 0
        /// Set when no more of it can be written: why, and what the file does not have, from that place on.
        var overflow: Overflow?
    }

    private struct Overflow {
        let why: DownloadCacheError
        var start: Int
        var bytes: [UInt8] = []
    }

    /// As much as is held in memory for those who read what cannot be written.
    private static let windowSize = 1 << 20

    /// Somebody who reads it, for as long as this lives.
    package final class Follower: Sendable {
        private let recording: Recording
        private let id: Int

        init(_ recording: Recording, from start: Int) {
            self.recording = recording
            id = recording.state.withLock { state in
                defer { state.everFollowed += 1 }
                state.followers[state.everFollowed] = start
                return state.everFollowed
            }
        }

        deinit { recording.state.withLock { _ = $0.followers.removeValue(forKey: id) } }

        /// As much of a part as the file does not have; nil where it begins in the file.
        package func held(_ part: Range<Int>) -> [UInt8]? {
            recording.state.withLock { state in
                guard let overflow = state.overflow, part.lowerBound >= overflow.start else { return nil }
                return Array(overflow.bytes.dropFirst(part.lowerBound - overflow.start).prefix(part.count))
            }
        }

        /// What is before that place it will not ask for any more.
        package func hasRead(upTo place: Int) { recording.state.withLock { $0.followers[id] = place } }
    }

    package let url: String
    package let status: Int
    /// As they are recorded: without those of the connection.
    package let headers: [HeaderField]
    /// As the server gave it; nil when only the end will tell.
    package let length: Int?
    /// Its content must be what a release file named: nothing of it may be served before it is finished.
    package let mustBeWhole: Bool
    /// The file that grows; read no further than the progress tells.
    package let content: CachedFile
    private let state = Mutex(State())

    init(
        url: String,
        status: Int,
        headers: [HeaderField],
        length: Int?,
        mustBeWhole: Bool,
        content: CachedFile
    ) {
        (self.url, self.status, self.headers, self.length) = (url, status, headers, length)
        (self.mustBeWhole, self.content) = (mustBeWhole, content)
    }

    package var progress: Progress { state.withLock { $0.progress } }

    /// Somebody who reads it from a place on.
    package func follower(from start: Int = 0) -> Follower { Follower(self, from: start) }

    /// Whether those who read it have left; at first nobody has come yet.
    func isForsaken(after bytes: Int) -> Bool {
        let (now, ever) = state.withLock { ($0.followers.count, $0.everFollowed) }
        return now == 0 && (ever > 0 || bytes > Self.patience)
    }

    private static let patience = 16 << 20

    /// Waits until there are more than so many bytes, or it has ended, or the task is cancelled.
    ///
    /// `onWait` is given what ends the wait otherwise.
    package func progress(
        beyond count: Int,
        onWait: (_ giveUp: @escaping @Sendable () -> Void) -> Void = { _ in }
    ) async -> Progress {
        let id = state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
        onWait { [weak self] in self?.giveUp(id) }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now: Progress? = state.withLock { state in
                    let hasLeft = state.hasLeft.remove(id) != nil
                    if let overflow = state.overflow, count == .max { return .failed(overflow.why) }
                    if hasLeft || state.progress.isNews(beyond: count) { return state.progress }
                    state.waiting[id] = (count, continuation)
                    return nil
                }
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            giveUp(id)
        }
    }

    private func giveUp(_ id: Int) {
        let (waiting, progress) = state.withLock { state in
            let waiting = state.waiting.removeValue(forKey: id)
            if waiting == nil { state.hasLeft.insert(id) }
            return (waiting, state.progress)
        }
        waiting?.continuation.resume(returning: progress)
    }

    /// From here on nothing can be written: those who read it get it from memory, those who wait for all of it are told.
    func overflow(at start: Int, _ why: DownloadCacheError) {
        let waiting = state.withLock { state in
            state.overflow = Overflow(why: why, start: start)
            let waiting = state.waiting.filter { $0.value.count == .max }
            for id in waiting.keys { state.waiting.removeValue(forKey: id) }
            return waiting.values.map(\.continuation)
        }
        for continuation in waiting { continuation.resume(returning: .failed(why)) }
    }

    /// What has come and cannot be written.
    func hold(_ bytes: RawSpan) {
        let count = state.withLock { state in
            unsafe bytes.withUnsafeBytes { unsafe state.overflow?.bytes.append(contentsOf: $0) }
            return state.overflow.map { $0.start + $0.bytes.count } ?? 0
        }
        advance(.growing(count))
    }

    /// Whether anybody reads it now.
    var isRead: Bool { state.withLock { !$0.followers.isEmpty } }

    /// Whether more may come: not while much is held for those who are slow to read.
    var hasRoom: Bool {
        state.withLock { state in
            guard let overflow = state.overflow, overflow.bytes.count >= Self.windowSize else { return true }
            let read = min((state.followers.values.min() ?? 0) - overflow.start, overflow.bytes.count)
            guard read > 0 else { return false }
            state.overflow?.bytes.removeFirst(read)
            state.overflow?.start += read
            return overflow.bytes.count - read < Self.windowSize
        }
    }

    func advance(_ progress: Progress) {
        let ready = state.withLock { state in
            state.progress = progress
            let ready = state.waiting.filter { progress.isNews(beyond: $0.value.count) }
            for id in ready.keys { state.waiting.removeValue(forKey: id) }
            return ready.values.map(\.continuation)
        }
        for continuation in ready { continuation.resume(returning: progress) }
    }
}
