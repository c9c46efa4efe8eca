import Synchronization

/// So many things that are still to come.
final class Countdown: Sendable {
    private let remaining: Mutex<Int>

    init(_ count: Int) { remaining = Mutex(count) }

    var rest: Int { remaining.withLock { $0 } }

    /// Some have come: how many of them were still awaited.
    func take(_ count: Int) -> Int {
        remaining.withLock { rest in
            let taken = min(rest, count)
            rest -= taken
            return taken
        }
    }
}
