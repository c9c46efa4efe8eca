import Synchronization

/// Values that were asked for lately, up to so many bytes of them; what nobody asks for goes.
///
/// Two generations: what is found in the old one is moved to the young one, and when that is full it becomes the old one.
final class RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Generation {
        var values: [Key: (value: Value, bytes: Int)] = [:]
        var bytes = 0
    }

    private struct State {
        var young = Generation()
        var old = Generation()
    }

    /// Of each generation.
    private let room: Int
    private let state = Mutex(State())

    init(room: Int) { self.room = room }

    func find(_ key: Key) -> Value? {
        state.withLock { state in
            if let found = state.young.values[key] { return found.value }
            guard let found = state.old.values[key] else { return nil }
            keep(found, key, in: &state)
            return found.value
        }
    }

    func keep(_ value: Value, as key: Key, bytes: Int) {
        state.withLock { keep((value, bytes), key, in: &$0) }
    }

    private func keep(_ kept: (value: Value, bytes: Int), _ key: Key, in state: inout State) {
        if state.young.bytes + kept.bytes > room { (state.old, state.young) = (state.young, Generation()) }
        let former = state.young.values.updateValue(kept, forKey: key)
        state.young.bytes += kept.bytes - (former?.bytes ?? 0)
    }
}
