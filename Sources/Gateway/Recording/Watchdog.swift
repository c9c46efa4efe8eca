import LabModel
import Synchronization

/// Ends what is done outside when nothing has come of it for too long.
struct Watchdog: Sendable {
    /// What is done is tied to it.
    let leash = Leash()
    private let fed = Latest()

    private final class Latest: Sendable { let moment = Mutex(ContinuousClock.now) }

    /// Something has come.
    func pet() { fed.moment.withLock { $0 = .now } }

    /// Watches for the time of the body, whose error, when it was ended, is that the server was silent.
    static func during(
        _ patience: Duration,
        _ body: @escaping @Sendable (Watchdog) async throws -> Void
    ) async throws {
        let watchdog = Watchdog()
        try await withThrowingTaskGroup { group in
            group.addTask {
                repeat {
                    // Cancelled: the body has ended.
                    do {
                        try await Task.sleep(
                            until: watchdog.fed.moment.withLock { $0 } + patience,
                            clock: .continuous
                        )
                    } catch { return }
                } while watchdog.fed.moment.withLock({ $0 }) + patience > .now
                watchdog.leash.cut()
            }
            do {
                try await body(watchdog)
            } catch {
                group.cancelAll()
                throw watchdog.leash.isCut ? UpstreamError.silent(patience) : error
            }
            group.cancelAll()
        }
    }
}
