import Dispatch
import Glibc

/// A thread that sleeps until a descriptor has something, a time has come, or its task is cancelled.
struct PollLoop: ~Copyable {
    /// A pair of sockets; the one has something to read once the task is cancelled.
    private let (stop, stopper): (Int32, Int32)

    private init() throws(SandboxError) {
        (stop, stopper) = try Descriptor.pair(SOCK_STREAM, for: "a loop")
    }

    deinit {
        close(stop)
        close(stopper)
    }

    /// Which of the descriptors are ready; nil when the loop is to end.
    borrowing func wait(
        for descriptors: [Int32],
        until deadline: Duration? = nil,
        _ now: Duration = .zero
    ) -> [Bool]? {
        var entries = ([stop] + descriptors).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // A millisecond more than less: who is woken too early only waits again.
        let limit = deadline.map { Int32(clamping: Int(max(.zero, $0 - now) / .milliseconds(1)) + 1) } ?? -1
        guard unsafe poll(&entries, nfds_t(entries.count), limit) >= 0 else {
            return errno == EINTR ? descriptors.map { _ in false } : nil
        }
        guard entries[0].revents == 0 else { return nil }
        return entries.dropFirst().map { $0.revents != 0 }
    }

    /// Runs `body` on a thread of its own until the task is cancelled; `body` returns when ``wait(for:until:_:)`` gives nil.
    static func run(
        _ label: String,
        _ body: @escaping @Sendable (borrowing PollLoop) throws(SandboxError) -> Void
    ) async throws {
        let loop = try PollLoop()
        let stopper = loop.stopper
        let holder = LoopHolder(loop)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                DispatchQueue(label: label).async {
                    continuation.resume(with: Result { try body(holder.loop) })
                }
            }
        } onCancel: {
            Descriptor.write(stopper, [0])
        }
        withExtendedLifetime(holder) {}
    }
}

/// Keeps a loop's descriptor open until nobody can signal it any more.
private final class LoopHolder: Sendable {
    let loop: PollLoop
    init(_ loop: consuming PollLoop) { self.loop = loop }
}
