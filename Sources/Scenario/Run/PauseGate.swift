import Synchronization

/// Downloads that the gateway holds until the run lets them go.
final class PauseGate: Sendable {
    private struct State {
        var isOpen = false
        var next = 0
        var waiting: [Int: (rule: String, continuation: CheckedContinuation<Void, Never>)] = [:]
    }

    private let state = Mutex(State())

    /// Returns when the rule is released, when the gate is open for good, or when the task is cancelled.
    func wait(for rule: String, announce: @Sendable () -> Void) async {
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if state.isOpen || Task.isCancelled { return true }
                    state.waiting[ticket] = (rule, continuation)
                    return false
                }
                // Only when it waits can it be released.
                if goesOn { continuation.resume() } else { announce() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: ticket) }?.continuation.resume()
        }
    }

    func release(_ rule: String) {
        let released = state.withLock { state in
            let tickets = state.waiting.filter { $0.value.rule == rule }.keys
            return tickets.compactMap { state.waiting.removeValue(forKey: $0) }
        }
        for waiter in released { waiter.continuation.resume() }
    }

    /// From now on nobody waits.
    func open() {
        let released = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for waiter in released { waiter.continuation.resume() }
    }
}
