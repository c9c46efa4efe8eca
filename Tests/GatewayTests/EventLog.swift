import LabModel
import Synchronization
import Testing

/// Collects events, and lets tests wait for one instead of for a while.
final class EventLog: Sendable {
    private struct Waiter {
        let number: Int
        let wanted: @Sendable ([LabEvent]) -> LabEvent?
        let continuation: CheckedContinuation<LabEvent, Never>
    }

    private struct State {
        var events: [LabEvent] = []
        var waiting: [Waiter] = []
        var numbers = 0
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

    /// How long an event is waited for.
    private static let patience = Duration.seconds(60)

    /// The first event that matches, from the beginning; one that does not come is an issue, and an event of no name.
    func first(where matches: @escaping @Sendable (LabEvent) -> Bool) async -> LabEvent {
        await wait { $0.first(where: matches) }
    }

    func first(_ name: String) async -> LabEvent { await first { $0.event == name } }

    /// The nth event of that name, from 1.
    func wait(for name: String, count: Int) async -> LabEvent {
        await wait { $0.lazy.filter { $0.event == name }.dropFirst(count - 1).first }
    }

    private func wait(until wanted: @escaping @Sendable ([LabEvent]) -> LabEvent?) async -> LabEvent {
        let number = state.withLock { state in
            state.numbers += 1
            return state.numbers
        }
        let alarm = Task {
            // Cancelled: the event came.
            do { try await Task.sleep(for: Self.patience) } catch { return }
            let (late, events) = state.withLock { state in
                let late = state.waiting.filter { $0.number == number }
                state.waiting.removeAll { $0.number == number }
                return (late, state.events)
            }
            for waiter in late {
                Issue.record("an event has not come in \(Self.patience); these have: \(events)")
                waiter.continuation.resume(returning: LabEvent(""))
            }
        }
        defer { alarm.cancel() }
        return await withCheckedContinuation { continuation in
            let known: LabEvent? = state.withLock { state in
                if let known = wanted(state.events) { return known }
                let waiter = Waiter(number: number, wanted: wanted, continuation: continuation)
                state.waiting.append(waiter)
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}
