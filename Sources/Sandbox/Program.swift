import Subprocess
import SystemPackage

/// A program of the system, run to its end with its output bounded.
struct Program {
    let name: String
    /// The Debian package that has it.
    let package: String

    static let ip = Program(name: "ip", package: "iproute2")
    static let nft = Program(name: "nft", package: "nftables")

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
        let result: ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>
        do {
            result = try await Subprocess.run(
                .path(path),
                arguments: Arguments(arguments),
                input: .string(input),
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 16)
            )
        } catch {
            throw .program(name, doing: task, status: "did not start", output: "\(error)")
        }
        guard result.terminationStatus.isSuccess else {
            let words = result.standardError.split(separator: "\n").joined(separator: "; ")
            throw .program(name, doing: task, status: "\(result.terminationStatus)", output: words)
        }
        return result.standardOutput
    }
}
