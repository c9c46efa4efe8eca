import ArgumentParser
import Foundation
import Lab
import LabModel
import PodSpec
import Scenario

struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rack a pod: its machines, switches and BMCs, powered off.",
        discussion: """
            Examples:
              vlab up pod1                 the pod of that name under Scenarios/pods
              vlab up ./pods/mine          a folder with network.yml and dha.yml
              vlab up pod1 --as pod1-b     a second lab of the same pod, with the same addresses
              vlab up pod1 --uplink direct   with a way to the Internet
              vlab up pod1 --uplink record --cache-size 5G --https pass,*.bank.example
                                           what is downloaded is kept, in 5 GiB; that HTTPS passes unread
            """
    )
    @Argument(help: "A pod's name, or a folder with its files.") var pod: String
    @Option(name: .customLong("as"), help: "The lab's name, if not the pod's.") var name: String?
    @OptionGroup(title: "The world outside") var outside: OutsideOptions

    func run() async throws {
        let clock = ContinuousClock.now
        let (files, pod) = try PodArgument.read(pod)
        let state = StateFolders()
        let folder = try LabFolder(name: name ?? pod.name, in: state)
        try ImageCommand.warnOfDistrust(in: state)
        let launcher = LabLauncher(
            folder: folder,
            state: state,
            outside: try outside.settings,
            progress: Notes.progress(folder.name)
        )
        let outcome = try await untilInterrupted {
            do {
                return try await launcher.up(files, pod)
            } catch is CancellationError {
                await uncancelled { _ = try? await launcher.down() }  // The interruption is what is told.
                throw CancellationError()
            }
        }
        switch outcome {
        case .racked:
            let bmcs = pod.nodes.compactMap(\.bmc).count
            print(
                "\(folder.name): up: \(pod.nodes.count.of("machine")), powered off; "
                    + "\(bmcs.of("BMC")) \(bmcs == 1 ? "answers" : "answer") "
                    + "(\((ContinuousClock.now - clock).brief))"
            )
        case .alreadyUp:
            let change = outside.mode.map { "its uplink is \($0.rawValue)" } ?? "nothing done"
            print("\(folder.name): is up already; \(change)")
        }
    }
}

/// A pod as named on the command line.
enum PodArgument {
    /// Its files and what they say; warnings go to the terminal, errors end the command.
    static func read(_ name: String) throws -> (PodFiles, Pod) { try read(PodFiles.locate(name)) }

    /// The one that is named, or else a scenario's, whose path is relative to the scenario's file.
    static func read(_ name: String?, or scenario: Scenario) throws -> (PodFiles, Pod) {
        if let name { return try read(name) }
        let folder = URL(fileURLWithPath: scenario.file).deletingLastPathComponent().path
        let folders = PodFiles.searchPath(from: folder)
        let others = PodFiles.searchPath().filter { !folders.contains($0) }
        return try read(PodFiles.locate(scenario.pod, from: folder, searching: folders + others))
    }

    private static func read(_ files: PodFiles) throws -> (PodFiles, Pod) {
        let (pod, warnings) = try PodReader.read(files)
        for warning in warnings { Notes.say("\(warning)") }
        return (files, pod)
    }
}
