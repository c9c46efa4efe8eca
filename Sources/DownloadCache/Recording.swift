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
        /// Those who read it, now and ever.
        var followers = (now: 0, ever: 0)
    }

    /// Somebody who reads it, for as long as this lives.
    package final class Follower: Sendable {
        private let recording: Recording

        init(_ recording: Recording) {
            self.recording = recording
            recording.state.withLock { $0.followers = ($0.followers.now + 1, $0.followers.ever + 1) }
        }

        deinit { recording.state.withLock { $0.followers.now -= 1 } }
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

    package func follower() -> Follower { Follower(self) }

    /// Whether those who read it have left; at first nobody has come yet.
    func isForsaken(after bytes: Int) -> Bool {
        let followers = state.withLock { $0.followers }
        return followers.now == 0 && (followers.ever > 0 || bytes > Self.patience)
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
