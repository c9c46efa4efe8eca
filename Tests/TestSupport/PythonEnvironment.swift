import Foundation
import Glibc
import Subprocess
import SystemPackage

/// Python with packages of its own, from the index that the host's pip is set up for.
///
/// Made once for each set of packages and kept in the user's cache: the first test that wants it waits for the
/// download, and fails if there is none. Without a network a user says so by setting `VLAB_OFFLINE`:
///
///     @Suite("pyghmi", .enabled(if: PythonEnvironment.isOnline, "VLAB_OFFLINE is set"))
///     …
///     let python = try await PythonEnvironment.with("pyghmi==1.6.19")
///     let output = try await python.run("import sys; print(sys.argv[1])", "hello")
package struct PythonEnvironment: Sendable {
    /// Its interpreter.
    package let python: String

    /// Whether tests may fetch packages.
    package static let isOnline = ProcessInfo.processInfo.environment["VLAB_OFFLINE"] == nil

    /// What a program said.
    package struct Output: Sendable {
        package var status: Int
        package var text: String
        package var errors: String
        package var succeeded: Bool { status == 0 }
    }

    /// Why there is no such environment.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// How long pip may take for one set of packages.
    private static let limit: Duration = .seconds(300)

    /// The environment with these packages, as pip names them; made if it is not there yet.
    package static func with(_ packages: String...) async throws -> PythonEnvironment {
        let folder = "\(try cache())/python-\(packages.sorted().joined(separator: "-"))"
        let lock = try await FileLock(folder + ".lock", within: limit)
        defer { lock.release() }
        let environment = PythonEnvironment(python: folder + "/bin/python")
        // What was made for another Python, or not to its end, is made again.
        let version = try await run("python3", ["--version"], or: "apt install python3 python3-venv").text
        let mark = folder + "/complete"
        if FileManager.default.contents(atPath: mark) == Data(version.utf8) { return environment }
        try await run("python3", ["-m", "venv", "--clear", folder], or: "apt install python3-venv")
        try await run(
            environment.python,
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"] + packages,
            or: "set VLAB_OFFLINE=1 to leave out the tests that need it"
        )
        try version.write(toFile: mark, atomically: false, encoding: .utf8)
        return environment
    }

    /// Runs a program in Python to its end.
    package func run(_ program: String, _ arguments: String...) async throws -> Output {
        try await Self.run(python, ["-c", program] + arguments)
    }

    /// `$XDG_CACHE_HOME/vlab/tests`.
    private static func cache() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"] ?? FileManager.default.homeDirectoryForCurrentUser.path
        let folder = "\(environment["XDG_CACHE_HOME"] ?? "\(home)/.cache")/vlab/tests"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    @discardableResult
    private static func run(
        _ program: String,
        _ arguments: [String],
        or remedy: String
    ) async throws -> Output {
        let output = try await run(program, arguments)
        guard output.succeeded else {
            let command = ([program] + arguments).joined(separator: " ")
            throw Failure(description: "\(command): \(output.errors.suffix(2000)); \(remedy)")
        }
        return output
    }

    private static func run(_ program: String, _ arguments: [String]) async throws -> Output {
        let result = try await Subprocess.run(
            program.hasPrefix("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(arguments),
            output: .string(limit: 4 << 20),
            error: .string(limit: 4 << 20)
        )
        let status =
            switch result.terminationStatus {
            case .exited(let code): Int(code)
            case .signaled(let signal): 128 + Int(signal)
            }
        return Output(status: status, text: result.standardOutput, errors: result.standardError)
    }
}

/// A file that one process at a time holds.
private struct FileLock: ~Copyable {
    private let descriptor: Int32

    init(_ path: String, within limit: Duration) async throws {
        let descriptor = unsafe open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw PythonEnvironment.Failure(description: "\(path): cannot open: errno \(errno)")
        }
        try await eventually("\(path) is free", within: limit) {
            flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? true : nil
        }
        self.descriptor = descriptor
    }

    /// Closing gives the lock back.
    func release() { close(descriptor) }
}
