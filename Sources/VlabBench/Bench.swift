import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// What every measurement uses: the built vlab, and a state folder that no other lab is in.
final class Bench: Sendable {
    let vlab: String
    let runs: Int
    let kills: Int
    let seed: UInt64
    /// Its name marks every process of the bench's labs.
    let state: String
    /// What the labs' traces are looked for with.
    private let seen: Mutex<LabTrace>

    /// The vlab of the same build.
    static var builtBeside: String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
            + "/vlab"
    }

    init(vlab: String, runs: Int, kills: Int, seed: UInt64) throws {
        (self.vlab, self.runs, self.kills, self.seed) = (vlab, runs, kills, seed)
        // Short, because sockets' paths have to fit in 107 bytes.
        state = "/tmp/vb-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(
            atPath: state,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        seen = Mutex(LabTrace(state: state))
    }

    var trace: LabTrace { seen.withLock { $0 } }
    /// To be called while a lab is up: what belongs to it now must be gone later.
    func learn() {
        seen.withLock { $0.learn() }
    }

    /// Runs `vlab` to its end, which must be a good one; gives the time that a user waits and what was printed.
    @discardableResult
    func run(
        _ arguments: String...,
        within limit: Duration = .seconds(60)
    ) async throws -> (
        time: Duration, output: String
    ) {
        let result = try await attempt(arguments, within: limit)
        guard result.isGood else {
            throw BenchError("vlab \(arguments.joined(separator: " ")): \(result.output.suffix(2000))")
        }
        return (result.time, result.output)
    }

    /// Runs `vlab` to whatever end it takes; `body` gets its process id.
    func attempt(
        _ arguments: [String],
        within limit: Duration,
        environment added: [Environment.Key: String] = [:],
        _ body: @escaping @Sendable (pid_t) async throws -> Void = { _ in }
    ) async throws -> (time: Duration, output: String, isGood: Bool) {
        let start = ContinuousClock.now
        let environment = Environment.inherit.updating(["XDG_STATE_HOME": state])
            .updating(added.mapValues { .some($0) })
        let program = vlab
        return try await bounded(by: limit, "vlab \(arguments.joined(separator: " "))") {
            let result = try await Subprocess.run(
                .path(FilePath(program)),
                arguments: Arguments(arguments),
                environment: environment,
                input: .none,
                output: .string(limit: 4 << 20),
                error: .combinedWithOutput
            ) { try await body($0.processIdentifier.value) }
            let output = result.standardOutput
            return (ContinuousClock.now - start, output, result.terminationStatus.isSuccess)
        }
    }

    /// The folder of a pod's files.
    func folder(of pod: String) throws -> String {
        let path = "\(FileManager.default.currentDirectoryPath)/Scenarios/pods/\(pod)"
        guard FileManager.default.fileExists(atPath: path) else {
            throw BenchError("there is no \(path); run the bench in the project's folder")
        }
        return path
    }

    /// Ends every lab of the bench; says what that left over.
    func cleanUp() async -> [String] {
        do {
            learn()
            let labs = "\(state)/vlab/labs"
            if FileManager.default.fileExists(atPath: labs) {
                for lab in try FileManager.default.contentsOfDirectory(atPath: labs) {
                    _ = try await attempt(["down", lab], within: .seconds(60))
                }
            }
            return try await trace.settle().left
        } catch {
            return ["clean-up failed: \(error)"]
        }
    }

    func remove() throws { try FileManager.default.removeItem(atPath: state) }
}

/// Runs `body` for so long at most; then it is cancelled.
func bounded<Result: Sendable>(
    by limit: Duration,
    _ what: String,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() ?? nil else {
            throw BenchError("\(what): not done within \(limit)")
        }
        return result
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
