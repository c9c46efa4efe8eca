import Synchronization

/// How far a transfer has come; written by its task, read at its end.
final class Progress: Sendable {
    struct Record: Hashable, Sendable {
        /// Of the body, given to the kernel.
        var bytes = 0
        /// Nil when nobody knew.
        var total: Int?
        /// From the request to the first byte of the body.
        var firstByte: Duration?
        var elapsed = Duration.zero
    }

    private let started: ContinuousClock.Instant
    private let state = Mutex(Record())

    init(started: ContinuousClock.Instant) { self.started = started }

    func record(at now: ContinuousClock.Instant) -> Record {
        var record = state.withLock { $0 }
        record.elapsed = now - started
        return record
    }

    func begin(total: Int?) { state.withLock { $0.total = total } }

    func advance(by count: Int, at now: ContinuousClock.Instant) {
        state.withLock { record in
            record.bytes += count
            record.firstByte = record.firstByte ?? now - started
        }
    }
}
