import Deployment
import Foundation
import Synchronization

/// A clock on which a sleep is over at once, and that stands still between sleeps.
final class JumpTimekeeper: Timekeeper {
    private let elapsed = Mutex(Duration.zero)
    private let whenMoved: @Sendable () async -> Void

    init(whenMoved: @escaping @Sendable () async -> Void) { self.whenMoved = whenMoved }

    var now: Duration { elapsed.withLock { $0 } }
    var date: Date { Date(timeIntervalSince1970: 1_700_000_000 + now / .seconds(1)) }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        elapsed.withLock { $0 += duration }
        await whenMoved()
        await Task.yield()
        try Task.checkCancellation()
    }
}
