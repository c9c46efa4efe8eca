import Synchronization

/// A value that comes once and is awaited by any number of tasks, before or after it came.
final class Latch<Value: Sendable>: Sendable {
    private enum State {
        case waiting([@Sendable (Value) -> Void])
        case set(Value)
    }

    private let state = Mutex(State.waiting([]))

    /// The first value stays; false when there was one already.
    @discardableResult
    func set(_ value: Value) -> Bool {
        let waiting: [@Sendable (Value) -> Void]? = state.withLock { state in
            guard case .waiting(let waiting) = state else { return nil }
            state = .set(value)
            return waiting
        }
        guard let waiting else { return false }
        for act in waiting { act(value) }
        return true
    }

    /// At once when it has come already, else on the thread that sets it.
    func whenSet(_ act: @escaping @Sendable (Value) -> Void) {
        let now: Value? = state.withLock { state in
            switch state {
            case .set(let value): return value
            case .waiting(let others):
                state = .waiting(others + [act])
                return nil
            }
        }
        if let now { act(now) }
    }

    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                whenSet { continuation.resume(returning: $0) }
            }
        }
    }
}
