import Foundation

/// What a real client left behind.
struct Finished: Sendable {
    let status: Int32
    let output: Data
    let errors: String
    var text: String { String(decoding: output, as: UTF8.self) }
}

/// Runs a program that the system has, with its output read to the end, on a thread of its own.
func shell(_ command: String, environment: [String: String] = [:]) async throws -> Finished {
    let folder = try TemporaryFolder()
    return try await withCheckedThrowingContinuation { continuation in
        Thread {
            continuation.resume(
                with: Result {
                    let process = Process()
                    let output = Pipe()
                    let errors = try folder.write("errors", "")
                    process.executableURL = URL(filePath: "/bin/sh")
                    process.arguments = ["-c", command]
                    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
                    process.standardOutput = output
                    process.standardError = FileHandle(forWritingAtPath: errors)
                    process.standardInput = FileHandle.nullDevice
                    try process.run()
                    let bytes = output.fileHandleForReading.readDataToEndOfFile()
                    process.waitUntilExit()
                    let words = String(decoding: try folder.read("errors"), as: UTF8.self)
                    return Finished(status: process.terminationStatus, output: bytes, errors: words)
                }
            )
        }.start()
    }
}
