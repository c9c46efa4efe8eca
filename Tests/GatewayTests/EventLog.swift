import LabModel
import Synchronization

/// Collects events, and lets tests wait for one instead of for a while.
final class EventLog: Sendable {
    private struct Waiter {
        let wanted: @Sendable ([LabEvent]) -> LabEvent?
        let continuation: CheckedContinuation<LabEvent, Never>
    }

    private struct State {
        var events: [LabEvent] = []
        var waiting: [Waiter] = []
    }

    private let state = Mutex(State())

    var sink: EventSink {
        { event in
            let due = self.state.withLock { state in
                state.events.append(event)
                var due: [(Waiter, LabEvent)] = []
                state.waiting.removeAll { waiter in
                    guard let found = waiter.wanted(state.events) else { return false }
                    due.append((waiter, found))
                    return true
                }
                return due
            }
            for (waiter, found) in due { waiter.continuation.resume(returning: found) }
        }
    }

    var all: [LabEvent] { state.withLock { $0.events } }
    func named(_ name: String) -> [LabEvent] { all.filter { $0.event == name } }

    /// The first event that matches, from the beginning; the test's time limit bounds the wait.
    func first(where matches: @escaping @Sendable (LabEvent) -> Bool) async -> LabEvent {
        await wait { $0.first(where: matches) }
    }

    func first(_ name: String) async -> LabEvent { await first { $0.event == name } }

    /// The nth event of that name, from 1.
    func wait(for name: String, count: Int) async -> LabEvent {
        await wait { $0.lazy.filter { $0.event == name }.dropFirst(count - 1).first }
    }

    private func wait(until wanted: @escaping @Sendable ([LabEvent]) -> LabEvent?) async -> LabEvent {
        await withCheckedContinuation { continuation in
            let known: LabEvent? = state.withLock { state in
                if let known = wanted(state.events) { return known }
                state.waiting.append(Waiter(wanted: wanted, continuation: continuation))
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}
