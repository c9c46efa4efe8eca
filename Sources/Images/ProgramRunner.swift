import Foundation
import Subprocess
import SystemPackage

/// Runs the host's programs, with surroundings that make their output the same every time.
struct ProgramRunner: Sendable {
    /// The moment that everything in an image says it was made: 2025-01-01, because a real date would make
    /// every build differ.
    static let buildTime = 1_735_689_600

    /// Where a program is; a plain user's PATH lacks the folders of mke2fs and debugfs.
    static func locate(_ program: HostProgram) -> FilePath? {
        if program.name.hasPrefix("/") {
            return Folder.exists(FilePath(program.name)) ? FilePath(program.name) : nil
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders =
            path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]
        return folders.lazy.map { FilePath($0).appending(program.name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.string) }
    }

    /// Runs a program to its end and returns what it printed on standard output.
    func run(
        _ program: HostProgram,
        _ arguments: [String],
        in folder: FilePath? = nil
    ) async throws(ImageError) -> String {
        guard let path = Self.locate(program) else { throw .missingProgram(program) }
        return try await run(path, arguments, in: folder)
    }

    /// Runs the program at a path; what it prints on standard error becomes part of the error.
    func run(
        _ path: FilePath,
        _ arguments: [String],
        in folder: FilePath? = nil
    ) async throws(ImageError) -> String {
        let command = ([path.lastComponent?.string ?? path.string] + arguments).joined(separator: " ")
        let result: ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>
        do {
            result = try await Subprocess.run(
                .path(path),
                arguments: Arguments(arguments),
                environment: .inherit.updating([
                    "LC_ALL": "C",
                    "TZ": "UTC",
                    "SOURCE_DATE_EPOCH": String(Self.buildTime),
                    "E2FSPROGS_FAKE_TIME": String(Self.buildTime),
                    "MTOOLS_SKIP_CHECK": "1",
                    "DEBIAN_FRONTEND": "noninteractive",
                ]),
                workingDirectory: folder,
                output: .string(limit: 16 << 20),
                error: .string(limit: 1 << 20)
            )
        } catch is CancellationError {
            throw .cancelled
        } catch {
            throw .programFailed(command: command, status: "no start", output: "\(error)")
        }
        guard result.terminationStatus.isSuccess else {
            if Task.isCancelled { throw .cancelled }
            throw .programFailed(
                command: command,
                status: "\(result.terminationStatus)",
                output: result.standardError.isEmpty ? result.standardOutput : result.standardError
            )
        }
        return result.standardOutput
    }
}
