import Dispatch
import Synchronization

/// What came of waiting for a socket; it takes neither a thread nor a clock that ticks.
enum Readiness: Sendable {
    case ready
    case tooLate
    case cancelled

    private static let queue = DispatchQueue(label: "vlab.uplink")

    /// Returns when there is something to read, or the other end is gone.
    ///
    /// The socket must stay open until then.
    static func wait(for socket: Int32, within limit: Duration?) async -> Readiness {
        let wait = Wait(socket)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { wait.start($0, limit) }
        } onCancel: {
            wait.end(.cancelled)
        }
    }

    private final class Wait: Sendable {
        // SAFETY: only activated and cancelled, which any thread may do.
        nonisolated(unsafe) private let source: any DispatchSourceRead
        private let outcome = Mutex<Readiness?>(nil)

        init(_ socket: Int32) {
            source = DispatchSource.makeReadSource(fileDescriptor: socket, queue: Readiness.queue)
        }

        func start(_ continuation: CheckedContinuation<Readiness, Never>, _ limit: Duration?) {
            source.setEventHandler { self.end(.ready) }
            // Only from here on may the descriptor be closed.
            source.setCancelHandler {
                continuation.resume(returning: self.outcome.withLock { $0 } ?? .cancelled)
            }
            if let limit {
                let time = DispatchTime.now() + .milliseconds(Int(limit / .milliseconds(1)))
                Readiness.queue.asyncAfter(deadline: time) { self.end(.tooLate) }
            }
            source.activate()
        }

        /// The first outcome counts.
        func end(_ outcome: Readiness) {
            self.outcome.withLock { $0 = $0 ?? outcome }
            source.cancel()
        }
    }
}
