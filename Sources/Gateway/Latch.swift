import Synchronization

/// A value that comes once and is awaited by any number of tasks, before or after it came.
final class Latch<Value: Sendable>: Sendable {
    private enum State {
        case waiting([CheckedContinuation<Value, Never>])
        case set(Value)
    }

    private let state = Mutex(State.waiting([]))

    /// The first value stays; false when there was one already.
    @discardableResult
    func set(_ value: Value) -> Bool {
        let waiting: [CheckedContinuation<Value, Never>]? = state.withLock { state in
            guard case .waiting(let continuations) = state else { return nil }
            state = .set(value)
            return continuations
        }
        guard let waiting else { return false }
        for continuation in waiting { continuation.resume(returning: value) }
        return true
    }

    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let now: Value? = state.withLock { state in
                    switch state {
                    case .set(let value): return value
                    case .waiting(let others):
                        state = .waiting(others + [continuation])
                        return nil
                    }
                }
                if let now { continuation.resume(returning: now) }
            }
        }
    }
}
