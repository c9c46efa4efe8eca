import Synchronization

/// A response that somebody in this process is fetching already, before its header has come.
package final class Fetch: Sendable {
    private typealias Head = Result<Recording?, DownloadCacheError>

    private struct State {
        var head: Head?
        var waiting: [Int: CheckedContinuation<Head, Never>] = [:]
        /// Those who gave up before they had begun to wait.
        var hasLeft: Set<Int> = []
        var next = 0
    }

    private let url: String
    private let state = Mutex(State())

    init(of url: String) { self.url = url }

    /// What is recorded of it, as soon as it is; nil when it is not kept, and everybody asks for himself.
    ///
    /// `onWait` is given what ends the wait otherwise, with an error.
    package func recording(
        onWait: (_ giveUp: @escaping @Sendable () -> Void) -> Void = { _ in }
    ) async throws(DownloadCacheError) -> Recording? {
        let id = state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
        onWait { [weak self] in self?.giveUp(id) }
        let head = await withCheckedContinuation { continuation in
            let now: Head? = state.withLock { state in
                if let head = state.head { return head }
                if state.hasLeft.remove(id) != nil { return .failure(leaving) }
                state.waiting[id] = continuation
                return nil
            }
            if let now { continuation.resume(returning: now) }
        }
        return try head.get()
    }

    private var leaving: DownloadCacheError { .abandoned(url: url, reason: "nobody waits for it any more") }

    private func giveUp(_ id: Int) {
        let waiting = state.withLock { state in
            let waiting = state.waiting.removeValue(forKey: id)
            if waiting == nil, state.head == nil { state.hasLeft.insert(id) }
            return waiting
        }
        waiting?.resume(returning: .failure(leaving))
    }

    /// Only the first one counts.
    func begin(_ recording: Recording?) { settle(.success(recording)) }
    func fail(_ error: DownloadCacheError) { settle(.failure(error)) }

    private func settle(_ head: Head) {
        let waiting = state.withLock { state in
            guard state.head == nil else { return [] as [CheckedContinuation<Head, Never>] }
            state.head = head
            defer { (state.waiting, state.hasLeft) = ([:], []) }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume(returning: head) }
    }
}
