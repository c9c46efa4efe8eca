import LabModel
import Subprocess
import SystemPackage

/// One run of a program of the host, with a limit.
struct HostProgram: Sendable {
    struct Outcome: Sendable {
        /// Nil when a signal ended it.
        var status: Int?
        var output: String
        var errors: String
    }

    var name: String
    var arguments: [String]
    var environment: [String: String] = [:]
    var input = ""

    /// Ends the program when it takes longer than `limit`.
    func run(within limit: Duration) async throws -> Outcome {
        let program = self
        return try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask { try await program.start() }
            group.addTask {
                try await Task.sleep(for: limit, clock: .continuous)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let outcome = first else {
                throw DeployError("\(name): no end after \(limit.brief)")
            }
            return outcome
        }
    }

    private func start() async throws -> Outcome {
        let values = environment.map { (Environment.Key(stringLiteral: $0.key), Optional($0.value)) }
        let result = try await Subprocess.run(
            .name(name),
            arguments: Arguments(arguments),
            environment: .inherit.updating(Dictionary(uniqueKeysWithValues: values)),
            input: .string(input),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        let status: Int? =
            switch result.terminationStatus {
            case .exited(let code): Int(code)
            case .signaled: nil
            }
        return Outcome(status: status, output: result.standardOutput, errors: result.standardError)
    }
}
