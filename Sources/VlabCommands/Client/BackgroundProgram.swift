import Lab
import Subprocess

/// A process that outlives this one, or lives with it, and says in its log how far it is.
struct BackgroundProgram {
    let state: StateFolders
    let log: SupervisorLog.Locked

    /// Starts it and runs `body` once it is ready; what it logs before that is progress.
    func start<Input: InputProtocol, Result: Sendable>(
        _ command: [String],
        input: Input,
        progress: @escaping @Sendable (String) -> Void,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        var options = PlatformOptions()
        options.createSession = true
        let environment = Dictionary(
            uniqueKeysWithValues: state.environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
        )
        let result = try await Subprocess.run(
            .name(command[0]),
            arguments: Arguments(Array(command.dropFirst())),
            environment: .inherit.updating(environment),
            platformOptions: options,
            input: input,
            output: .fileDescriptor(log.file, closeAfterSpawningProcess: true),
            error: .combinedWithOutput
        ) { _ in
            try await log.log.waitUntilReady(progress)
            return try await body()
        }
        return result.closureResult
    }
}
