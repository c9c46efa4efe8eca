import Foundation
import Glibc
import TestSupport

/// A program that was started: what it says goes to files, so that nothing it leaves behind keeps anybody waiting.
final class Command: CustomStringConvertible {
    private let process = Process()
    private let output: String
    private let errors: String
    private let line: String

    /// How a program ended, and all that it said.
    struct Result: CustomStringConvertible {
        var line: String
        /// The exit status; 128 + n for signal n, as a shell has it.
        var status: Int32
        var output: String
        var errors: String
        var seconds: Double

        var description: String { "“\(line)” ended with \(status) and said: \(output)\(errors)" }
    }

    private let began = ContinuousClock.now

    init(
        _ program: String,
        _ arguments: [String],
        environment: [String: String],
        in working: String = Project.folder,
        notes folder: String
    ) throws {
        let id = UUID().uuidString.prefix(8)
        (output, errors) = ("\(folder)/\(id).out", "\(folder)/\(id).err")
        line = ([URL(fileURLWithPath: program).lastPathComponent] + arguments).joined(separator: " ")
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: working)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.create(output)
        process.standardError = try Self.create(errors)
        try process.run()
    }

    private static func create(_ path: String) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
        }
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    var id: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// What it has said so far.
    var said: String { text(of: output) + text(of: errors) }
    var description: String { "“\(line)” has said: \(said)" }

    private func text(of path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    /// Its end; a program that takes longer is killed, and the test with it.
    func end(within limit: Duration) async throws -> Result {
        do {
            return try await eventually("end of “\(line)”", within: limit, every: .milliseconds(10)) {
                guard !process.isRunning else { return nil }
                return Result(
                    line: line,
                    status: process.terminationReason == .exit
                        ? process.terminationStatus : 128 + process.terminationStatus,
                    output: text(of: output),
                    errors: text(of: errors),
                    seconds: (ContinuousClock.now - began) / .seconds(1)
                )
            }
        } catch {
            Glibc.kill(id, SIGKILL)
            throw NotInTime("end of “\(line)”", within: limit, seen: String(said.suffix(3000)))
        }
    }

    /// Waits until it has said something.
    func says(_ words: String, within limit: Duration) async throws {
        try await eventually(
            "“\(words)” from “\(line)”",
            within: limit,
            seen: { String(self.said.suffix(3000)) }
        ) {
            if said.contains(words) { return true }
            guard isRunning else {
                throw NotInTime("“\(words)” before the end", within: limit, seen: description)
            }
            return nil
        }
    }

    /// Ends it without a word.
    func kill() { Glibc.kill(id, SIGKILL) }
}
