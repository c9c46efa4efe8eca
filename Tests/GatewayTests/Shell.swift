import Foundation
import Subprocess
import SystemPackage

/// What a real client left behind.
struct Finished: Sendable {
    /// The exit status, or 128 and the signal, as a shell has it.
    let status: Int32
    let output: Data
    let errors: String
    var text: String { String(decoding: output, as: UTF8.self) }
}

/// Runs a command to its end; what it left running is not waited for.
func shell(_ command: String, environment: [String: String] = [:]) async throws -> Finished {
    let values = environment.map { (Environment.Key(stringLiteral: $0.key), Optional($0.value)) }
    let result = try await Subprocess.run(
        .path("/bin/sh"),
        arguments: ["-c", command],
        environment: .inherit.updating(Dictionary(uniqueKeysWithValues: values)),
        output: .bytes(limit: 64 << 20),
        error: .string(limit: 1 << 20)
    )
    let status =
        switch result.terminationStatus {
        case .exited(let status): status
        case .signaled(let signal): 128 + signal
        }
    return Finished(status: status, output: Data(result.standardOutput), errors: result.standardError)
}

/// The same, with something done as soon as the command has made a file; the test's time limit bounds the wait.
func shell(
    _ command: String,
    whenThereIs file: String,
    _ body: @escaping @Sendable () async -> Void
) async throws -> Finished {
    async let finished = shell(command)
    while !FileManager.default.fileExists(atPath: file) { try await Task.sleep(for: .milliseconds(20)) }
    await body()
    return try await finished
}
