import ArgumentParser
import LabModel
import PodSpec
import Scenario

struct Lint: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read scenarios and their pods and report every problem in them; nothing is run.",
        discussion: """
            Ends with 0 when all are fine, else with 64.
            Examples:
              vlab lint Scenarios/quick/*.yml
              vlab lint --kinds          every kind of fault and what it takes
            """
    )
    @Argument(help: "The scenarios' files.") var scenarios: [String] = []
    @Option(help: "Another pod than the scenarios'.") var pod: String?
    @Flag(help: "Show every kind of fault and what it takes.") var kinds = false

    func validate() throws {
        if scenarios.isEmpty, !kinds {
            throw ValidationError(
                "Name a scenario's file, for example: vlab lint Scenarios/quick/nic-flap.yml"
            )
        }
    }

    func run() async throws {
        if kinds { for kind in FaultKinds.all { print(kind.form.lines.joined(separator: "\n")) } }
        var hasErrors = false
        for file in scenarios {
            do {
                let (scenario, pod) = try ScenarioArgument.read(file, pod: pod)
                print(
                    "\(file): fine: \(scenario.faults.count.of("fault")) on \(pod.name), "
                        + (scenario.during.count + scenario.recover.count).of("expectation")
                )
            } catch {
                hasErrors = true
                Notes.say("\(error)")
            }
        }
        if hasErrors { throw ExitCode(64) }
    }
}

struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say in sentences what a scenario breaks and what it expects.",
        discussion: "Example: vlab explain Scenarios/quick/nic-flap.yml"
    )
    @Argument(help: "The scenario's file.") var scenario: String
    @Option(help: "Another pod than the scenario's.") var pod: String?

    func run() async throws {
        let (scenario, _) = try UsageErrors.exit64 { try ScenarioArgument.read(self.scenario, pod: pod) }
        print(scenario.explanation.joined(separator: "\n"))
    }
}

/// A scenario as named on the command line.
enum ScenarioArgument {
    /// What it says, checked against its pod; warnings go to the terminal, errors are thrown.
    static func read(_ file: String, pod name: String?) throws -> (Scenario, Pod) {
        let (scenario, warnings) = try ScenarioReader.read(file)
        for warning in warnings { Notes.say("\(warning)") }
        let (_, pod) = try PodArgument.read(name, or: scenario)
        try scenario.check(against: pod)
        return (scenario, pod)
    }
}
