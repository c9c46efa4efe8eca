import Synchronization

/// A transfer that stands still until somebody lets it go.
final class Hold: Sendable {
    /// Why it was let go.
    enum Reason: String, Sendable { case healed, elapsed, clientLeft, stopped }

    private let latch = Latch<Reason>()

    /// The first reason counts.
    func release(_ reason: Reason) { latch.set(reason) }

    /// Also over when the task is cancelled.
    func wait() async -> Reason {
        await withTaskCancellationHandler {
            await latch.value
        } onCancel: {
            release(.stopped)
        }
    }
}
