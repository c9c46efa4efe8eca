import Testing

@testable import Sandbox

@Suite("A program of the system", .timeLimit(.minutes(1)))
struct ProgramTests {
    @Test("gives what it printed of what it was fed")
    func output() async throws {
        let cat = Program(name: "cat", package: "coreutils")
        #expect(try await cat.run([], input: "words\n", to: "repeat") == "words\n")
    }

    @Test("that fails is told in its own words")
    func failure() async {
        let shell = Program(name: "sh", package: "dash")
        let error = await #expect(throws: SandboxError.self) {
            try await shell.run(["-c", "echo no >&2; exit 3"], to: "try")
        }
        #expect(error?.description.contains("cannot try: sh") == true)
        #expect(error?.description.hasSuffix(": no") == true)
    }

    @Test("that does not end is ended, and told")
    func limit() async {
        let sleep = Program(name: "sleep", package: "coreutils", limit: .milliseconds(100))
        let error = await #expect(throws: SandboxError.self) { try await sleep.run(["4242"], to: "rest") }
        #expect(error?.description.hasPrefix("sleep, to rest: no answer in time; ") == true)
    }

    @Test("that is not installed is told with its package")
    func missing() async {
        let program = Program(name: "no-such-program", package: "some-package")
        let error = await #expect(throws: SandboxError.self) { try await program.run([], to: "try") }
        #expect(error?.description.contains("some-package") == true)
    }
}
