import ArgumentParser
import Foundation
import Glibc
import LabModel
import PodSpec
import Sandbox
import Subprocess

/// The floor: a pod's machines as plain QEMU processes, in throw-away namespaces of which this process is PID 1.
struct ByHand: AsyncParsableCommand {
    /// How far the machines must come.
    enum Goal: String, ExpressibleByArgument, CaseIterable {
        /// QEMU answers on QMP, the processor is stopped.
        case ready
        /// The processor runs.
        case running
        /// The installer's kernel, given directly, starts its first program.
        case kernel
    }

    static let configuration = CommandConfiguration(commandName: "by-hand", shouldDisplay: false)
    @Option(help: "The folder of the pod's files.") var pod: String
    @Option(help: "A folder for disks and sockets.") var folder: String
    @Option(help: "The folder with vmlinuz and initrd.img.") var images = ""
    @Option(help: "What the time runs to.") var goal: Goal

    private static let limit = Duration.seconds(120)

    func run() async throws {
        guard getpid() == 1 else { throw BenchError("by-hand runs as PID 1 of a sandbox only") }
        let (pod, _) = try PodReader.read(try PodFiles.locate(self.pod))
        try await SwitchesByHand.make(for: pod)
        let machines = try pod.nodes.enumerated().map { index, node in
            let machine = QEMUByHand(node: node, index: index, folder: folder, goal: goal, images: images)
            try machine.prepare()
            return machine
        }
        let start = ContinuousClock.now
        let seconds = try await withThrowingTaskGroup(of: Void.self) { group in
            for machine in machines { group.addTask { try await machine.run() } }
            try await withThrowingTaskGroup(of: Void.self) { waits in
                for machine in machines { waits.addTask { try await machine.reach(within: Self.limit) } }
                try await waits.waitForAll()
            }
            let seconds = (ContinuousClock.now - start).seconds
            group.cancelAll()
            return seconds
        }
        Terminal.say("\(seconds)")
    }
}

extension Bench {
    /// Seconds until the pod's machines, started by hand, are that far.
    func byHand(_ pod: String, until goal: ByHand.Goal) async throws -> Double {
        let folder = "\(state)/hand"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // What stays goes with the folder of the bench.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let me = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        let command = Namespaces.enterNew([
            me, "by-hand", "--pod", try self.folder(of: pod), "--folder", folder, "--goal", goal.rawValue,
            "--images", Self.installer,
        ])
        let output = try await bounded(by: .seconds(180), "the floor by hand") {
            let result = try await Subprocess.run(
                .name(command[0]),
                arguments: Arguments(Array(command.dropFirst())),
                output: .string(limit: 1 << 16),
                error: .string(limit: 1 << 16)
            )
            guard result.terminationStatus.isSuccess else {
                throw BenchError("the floor by hand: \(result.standardError)")
            }
            return result.standardOutput
        }
        guard let seconds = Double(output.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw BenchError("the floor by hand said \(output)")
        }
        return seconds
    }

    /// Where `vlab image build` leaves the installer.
    private static var installer: String {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
        return "\(cache)/vlab/images/installer/current"
    }
}
