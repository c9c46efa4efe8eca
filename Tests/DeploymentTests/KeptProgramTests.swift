import Foundation
import Subprocess
import Testing

@testable import Deployment

@Suite("A program that the engine keeps", .timeLimit(.minutes(1)))
struct KeptProgramTests {
    /// Runs a sleep under the keeper; gives the sleep's process to `body`, then waits until it is gone.
    private func check(_ body: (ProcessIdentifier, StandardInputWriter) async throws -> Void) async throws {
        let scratch = try Scratch()
        let file = "\(scratch.path)/pid"
        let script = "echo $$ > \(file).new; mv \(file).new \(file); exec sleep 600"
        var child: String?
        _ = try await run(
            .name("sh"),
            arguments: ["-c", KeptProgram.script, "keeper", "sh", "-c", script],
            input: .inputWriter,
            output: .sequence,
            error: .combinedWithOutput
        ) { execution in
            child = try await contents(of: file)
            try await body(execution.processIdentifier, execution.standardInputWriter)
            // Ends when nobody is left who could write.
            for try await _ in execution.standardOutput.strings() {}
        }
        let path = "/proc/\(try #require(child))/cmdline"
        for _ in 0..<600 where FileManager.default.fileExists(atPath: path) {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    private func contents(of file: String) async throws -> String {
        for _ in 0..<600 {
            if let data = FileManager.default.contents(atPath: file) {
                return String(decoding: data, as: UTF8.self).filter(\.isNumber)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw DeployError("the program did not start")
    }

    @Test("ends when the engine's end of the pipe is closed, as the kernel does when the engine is killed")
    func withEngine() async throws {
        try await check { _, input in try await input.finish() }
    }

    @Test("ends when its keeper is killed by force")
    func withKeeper() async throws {
        try await check { keeper, _ in #expect(kill(keeper.value, SIGKILL) == 0) }
    }
}
