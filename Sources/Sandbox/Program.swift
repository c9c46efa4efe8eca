import Subprocess
import SystemPackage

/// A program of the system, run to its end with its output and its time bounded.
struct Program {
    let name: String
    /// The Debian package that has it.
    let package: String
    /// These programs take milliseconds.
    var limit = Duration.seconds(30)

    static let ip = Program(name: "ip", package: "iproute2")
    static let nft = Program(name: "nft", package: "nftables")

    private typealias Outcome = ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>

    /// Feeds `input` and gives what it printed; any other status than 0 is an error with the program's own words.
    @discardableResult
    func run(_ arguments: [String], input: String = "", to task: String) async throws(SandboxError) -> String
    {
        let path: FilePath
        do {
            path = try await Executable.name(name).resolveExecutablePath(in: .inherit)
        } catch {
            throw .missing(program: name, package: package)
        }
        let outcome: Outcome?
        do {
            outcome = try await start(path, arguments, input)
        } catch {
            throw .program(name, doing: task, status: "did not start", output: "\(error)")
        }
        guard let result = outcome else {
            throw .timeout(
                "\(name), to \(task)",
                hint: "it was ended after \(limit.components.seconds)s; is the host overloaded?"
            )
        }
        guard result.terminationStatus.isSuccess else {
            let words = result.standardError.split(separator: "\n").joined(separator: "; ")
            throw .program(name, doing: task, status: "\(result.terminationStatus)", output: words)
        }
        return result.standardOutput
    }

    /// Nil when it took too long and was ended.
    private func start(_ path: FilePath, _ arguments: [String], _ input: String) async throws -> Outcome? {
        try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask {
                try await Subprocess.run(
                    .path(path),
                    arguments: Arguments(arguments),
                    input: .string(input),
                    output: .string(limit: 1 << 20),
                    error: .string(limit: 1 << 16)
                )
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
