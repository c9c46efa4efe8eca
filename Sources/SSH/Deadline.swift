import Glibc

/// Until when a call may take, and how it waits till then.
struct Deadline {
    private let instant: ContinuousClock.Instant
    private let failure: (SSHError.Kind) -> SSHError

    /// The limit starts now; `action` and `subject` go into the error if the task is cancelled.
    init(_ limit: Duration, _ action: String, _ subject: String) {
        instant = .now + limit
        failure = { SSHError(kind: $0, code: 0, message: "", action: action, subject: subject) }
    }

    var passed: Bool { ContinuousClock.now >= instant }

    var timedOut: SSHError { failure(.timedOut) }

    /// Waits until the descriptor is ready (true) or the time is over (false); throws if the task is cancelled.
    ///
    /// It looks for a cancellation five times a second: that needs nothing else to wake it.
    func wait(
        for descriptor: Int32,
        events: Int32,
        atMost slice: Duration = .seconds(3600)
    ) throws(SSHError)
        -> Bool
    {
        let end = min(instant, .now + slice)
        while true {
            if Task.isCancelled { throw failure(.cancelled) }
            let left = end - .now
            guard left > .zero else { return false }
            var polled = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            if poll(&polled, 1, Int32(min(left / .milliseconds(1), 200).rounded(.up))) > 0 { return true }
        }
    }
}
