import ArgumentParser
import UnixSignals

/// Runs `body` until it ends or somebody presses ^C; then it is cancelled, cleans up, and the command ends with 130.
func untilInterrupted<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            for await _ in signals { return nil }
            throw CancellationError()
        }
        defer { group.cancelAll() }
        if let ended = try await group.next(), let result = ended { return result }
        Notes.say("interrupted; cleaning up")
        group.cancelAll()
        while let _ = await group.nextResult() {}
        // As a shell has it: 128 and the number of SIGINT.
        throw ExitCode(130)
    }
}

/// Runs `body` to its end even in a cancelled task: a new task is not born cancelled.
func uncancelled(_ body: @escaping @Sendable () async -> Void) async { await Task { await body() }.value }
