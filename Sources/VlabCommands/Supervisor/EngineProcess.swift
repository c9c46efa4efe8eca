import Foundation
import Lab
import LabModel
import Sandbox
import Scenario
import Subprocess
import SystemPackage

/// The engine under test: a process in the sandbox, of which the lab knows the command line, the output and the end.
struct EngineProcess: EngineUnderTest {
    let record: LabRecord
    /// Its work folder, new for each run.
    let work: String
    /// The folder of the scenario's file.
    let scenario: String
    /// Where it runs, and what its relative paths begin at.
    let folder: String

    /// Time for an engine that is told to stop to put its things in order.
    private static let patience = Duration.seconds(5)

    func run(
        _ spec: EngineSpec,
        onLine: @escaping @Sendable (String) -> Void
    ) async throws(EngineStartError) -> EngineEnd {
        let command = command(of: spec)
        guard let path = await program(command[0]) else {
            let reason = "there is no such program" + (command[0].contains("/") ? " in \(folder)" : "")
            throw EngineStartError(program: command[0], reason: reason)
        }
        let trust = Trust.environment().map { (Environment.Key(stringLiteral: $0.key), Optional($0.value)) }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: Self.patience)]
        do {
            let result = try await Subprocess.run(
                .path(path),
                arguments: Arguments(Array(command.dropFirst())),
                environment: .inherit.updating(Dictionary(uniqueKeysWithValues: trust)),
                workingDirectory: FilePath(folder),
                platformOptions: options,
                input: .none,
                output: .sequence,
                error: .combinedWithOutput
            ) { execution in
                for try await line in execution.standardOutput.strings() {
                    onLine(line.trimmingCharacters(in: .newlines))
                }
            }
            switch result.terminationStatus {
            case .exited(let status): return .exited(status)
            case .signaled(let signal): return .signalled(signal)
            }
        } catch is CancellationError {
            return .signalled(SIGTERM)
        } catch {
            throw EngineStartError(program: command[0], reason: "\(error)")
        }
    }

    /// A path stands for itself; a name is looked up as a shell does.
    ///
    /// Nil when there is no such program.
    private func program(_ name: String) async -> FilePath? {
        if name.contains("/") {
            let start = URL(fileURLWithPath: folder, isDirectory: true)
            let path = URL(fileURLWithPath: name, relativeTo: start).path
            return FileManager.default.isExecutableFile(atPath: path) ? FilePath(path) : nil
        }
        // Its error says only «not found».
        return try? await Executable.name(name).resolveExecutablePath(in: .inherit)
    }

    /// The file with the pod's hosts, by which its other files are found, as `vlab up` finds them.
    private var pod: String { record.files[1] }

    /// `vdeploy` unless another is named; a command's `{pod}`, `{network}`, `{dha}`, `{work}` and `{scenario}` are filled in.
    private func command(of spec: EngineSpec) -> [String] {
        let known = [
            "{pod}": pod, "{network}": record.files[0], "{dha}": record.files[1], "{work}": work,
            "{scenario}": scenario,
        ]
        if let command = spec.command {
            return command.map { word in
                known.reduce(word) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
            }
        }
        let beside = URL(fileURLWithPath: LabLauncher.program).deletingLastPathComponent()
            .appendingPathComponent("vdeploy")
        return [
            beside.path, "deploy", pod, "--work", work, "--policy", spec.policy ?? "default", "--pace",
            "\(spec.pace)",
        ] + OutsideWorld.mirrors.flatMap { ["--mirror", "http://\($0)"] } + spec.arguments
    }
}
