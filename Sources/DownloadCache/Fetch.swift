import Synchronization

/// A response that somebody in this process is fetching already, before its header has come.
package final class Fetch: Sendable {
    private typealias Head = Result<Recording?, DownloadCacheError>

    private struct State {
        var head: Head?
        var waiting: [CheckedContinuation<Head, Never>] = []
    }

    private let state = Mutex(State())

    /// What is recorded of it, as soon as it is; nil when it is not kept, and everybody asks for himself.
    package func recording() async throws(DownloadCacheError) -> Recording? {
        let head = await withCheckedContinuation { continuation in
            let now: Head? = state.withLock { state in
                if state.head == nil { state.waiting.append(continuation) }
                return state.head
            }
            if let now { continuation.resume(returning: now) }
        }
        return try head.get()
    }

    /// Only the first one counts.
    func begin(_ recording: Recording?) { settle(.success(recording)) }
    func fail(_ error: DownloadCacheError) { settle(.failure(error)) }

    private func settle(_ head: Head) {
        let waiting = state.withLock { state in
            guard state.head == nil else { return [] as [CheckedContinuation<Head, Never>] }
            state.head = head
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: head) }
    }
}
