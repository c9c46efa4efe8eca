import Synchronization

/// So many things that are still to come.
final class Countdown: Sendable {
    private let rest: Mutex<Int>

    init(_ count: Int) { rest = Mutex(count) }

    /// Some have come: how many of them were still awaited.
    func take(_ count: Int) -> Int {
        rest.withLock { rest in
            let taken = min(rest, count)
            rest -= taken
            return taken
        }
    }
}
