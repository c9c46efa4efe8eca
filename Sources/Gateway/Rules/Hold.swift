import LabModel
import NIOCore

/// Something that stands still until somebody lets it go.
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

    /// Calls back on the loop once the time is up or the claim's rule is healed: a wait without a task.
    static func wait(
        _ time: Duration,
        for claim: Claim,
        on loop: any EventLoop,
        then act: @escaping @Sendable () -> Void
    ) {
        let hold = Hold()
        claim.rule.keep(hold)
        let timer = loop.scheduleTask(in: TimeAmount(time)) { hold.release(.elapsed) }
        hold.latch.whenSet { _ in
            timer.cancel()
            claim.rule.forget(hold)
            loop.execute(act)
        }
    }
}
