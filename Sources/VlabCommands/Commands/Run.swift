import ArgumentParser
import Foundation
import Lab
import LabModel
import PodSpec
import Scenario

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a scenario: rack its pod, start the engine, break things, judge the recovery.",
        discussion: """
            Takes the lab if it is up already; otherwise racks it for the run alone. Ends with 0 when the scenario passed, \
            1 when the engine failed it, 2 when a fault never bit, 3 when the lab itself broke, 64 for wrong usage.
            Examples:
              vlab run Scenarios/quick/nic-flap.yml
              vlab run Scenarios/quick/ntp-stuck.yml --pod pod-mini --seed 7
              vlab run Scenarios/quick/nic-flap.yml -- ./my-engine --network {network} --dha {dha}
              vlab run Scenarios/quick/nic-flap.yml --pod pod-duo -- vdeploy deploy {pod} --work {work} --mirror URL
            """
    )
    @Argument(help: "The scenario's file.") var scenario: String
    @Option(help: "Another pod than the scenario's.") var pod: String?
    @Option(name: .customLong("as"), help: "The lab's name, if not the pod's.") var name: String?
    @OptionGroup(title: "The world outside") var outside: OutsideOptions
    @Option(help: "Another seed than the scenario's.") var seed: UInt64?
    @Flag(name: .shortAndLong, help: "Show every event, consoles included.") var verbose = false
    @Argument(parsing: .postTerminator, help: "Another engine's command line, after --.") var engine:
        [String] = []

    func run() async throws {
        let (scenario, files, pod, isVdeploy) = try UsageErrors.exit64 { try read() }
        let state = StateFolders()
        let folder = try LabFolder(name: name ?? pod.name, in: state)
        let results = try RunResults(scenario, lab: folder.name, in: state)
        let order = RunOrder(
            scenario: URL(fileURLWithPath: self.scenario).standardizedFileURL.path,
            folder: results.path,
            seed: seed,
            engine: engine.isEmpty ? nil : engine,
            caller: FileManager.default.currentDirectoryPath
        )
        let launcher = LabLauncher(
            folder: folder,
            state: state,
            outside: try outside.settings,
            progress: Notes.progress(folder.name)
        )
        let progress = RunProgress(verbose: verbose)
        let verdict: Verdict
        do {
            verdict = try await untilInterrupted {
                try await ImageCommand.buildMissing(for: isVdeploy ? pod : nil, in: state)
                return try await launcher.withLab(files, pod) {
                    try await ControlClient(folder: folder).run(order) { progress.show($0) }
                    return try results.verdict()
                }
            }
        } catch let code as ExitCode {
            throw code
        } catch {
            Notes.say("\(scenario.name): broken: \(error)")
            throw ExitCode(Verdict.Outcome.broken.exitStatus)
        }
        print(RunSummary(verdict, folder: results.path).text)
        throw ExitCode(verdict.outcome.exitStatus)
    }

    private func read() throws -> (Scenario, PodFiles, Pod, isVdeploy: Bool) {
        let (scenario, warnings) = try ScenarioReader.read(self.scenario)
        for warning in warnings { Notes.say("\(warning)") }
        let (files, pod) = try PodArgument.read(self.pod, or: scenario)
        try scenario.check(against: pod)
        let isVdeploy = engine.isEmpty && scenario.engine.or(pod.lab?.engine).command == nil
        if isVdeploy { try ImageCommand.checkRecipes(for: pod) }
        return (scenario, files, pod, isVdeploy)
    }
}

/// What is wrong with the files or words that a person gave ends the command with the status for wrong usage.
enum UsageErrors {
    static func exit64<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            Notes.say("\(error)")
            throw ExitCode(64)
        }
    }
}

/// Where one run leaves what it found.
struct RunResults {
    let path: String

    init(_ scenario: Scenario, lab: String, in state: StateFolders) throws {
        let time = Date().formatted(.iso8601.timeSeparator(.omitted).dateSeparator(.omitted))
        path = "\(state.runs)/\(lab)/\(time)-\(scenario.name)-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func verdict() throws -> Verdict {
        let file = "\(path)/verdict.json"
        guard let data = FileManager.default.contents(atPath: file) else {
            throw LabError("run", "the lab gave no verdict", hint: "what there is of the run is in \(path)")
        }
        return try JSONDecoder().decode(Verdict.self, from: data)
    }
}
