import LabModel

/// A way to break a deployment, and what must come of it.
///
///     let (scenario, warnings) = try ScenarioReader.read("Scenarios/quick/download-timeout.yml")
///     try scenario.check(against: pod)
package struct Scenario: Sendable {
    package var name: String
    package var file: String
    /// The pod's name or folder; a run may be told to take another.
    package var pod: String
    /// Fixes every choice that is left to chance.
    package var seed: UInt64
    /// Names of the failures that this one reproduces: `C10`, `COMPASS-607`.
    package var reproduces: [String]
    package var engine: EngineSpec
    /// How long a run may take at most.
    package var budget: Duration
    package var faults: [Fault]
    /// Must hold at every moment.
    package var during: [Expectation]
    /// Must come true once all faults have healed.
    package var recover: [Expectation]
    package var classify: [Classification]
    package var onFailure: [OnFailure]

    /// What to do with a lab in which the engine failed, beyond keeping what was recorded.
    package enum OnFailure: String, Sendable, CaseIterable, Codable {
        /// Leave the lab up, healed, for somebody to look.
        case pause
    }

    /// Throws every name in the scenario that the pod does not have.
    package func check(against pod: Pod) throws(Diagnostics) {
        var problems: [Diagnostic] = []
        for fault in faults {
            problems += fault.kind.selector.problems(on: pod)
            if let nic = fault.kind.nic { problems += nic.problems(on: pod) }
        }
        for expectation in during + recover { problems += expectation.kind.selector.problems(on: pod) }
        guard problems.isEmpty else {
            throw Diagnostics(problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
        }
    }
}

/// The engine under test: the one that comes with vlab under a policy, or any command.
package struct EngineSpec: Hashable, Sendable, Codable {
    /// `vdeploy` with this policy, unless a command is given.
    package var policy: String?
    /// A program and its arguments.
    package var command: [String]?
    /// Divides the policy's waits, so that an hour passes in minutes.
    package var pace: Int
    /// More arguments for `vdeploy`.
    package var arguments: [String]

    package init(policy: String? = nil, command: [String]? = nil, pace: Int = 1, arguments: [String] = []) {
        (self.policy, self.command, self.pace, self.arguments) = (policy, command, pace, arguments)
    }

    /// The same, with what a pod's `lab.yml` says where the scenario names no engine.
    package func or(_ usual: LabSettings.Engine?) -> EngineSpec {
        guard policy == nil, command == nil else { return self }
        var spec = self
        switch usual {
        case .policy(let policy): spec.policy = policy
        case .command(let command): spec.command = command
        case nil: break
        }
        return spec
    }

    var prose: String {
        if let command { return "runs \(command.joined(separator: " "))" }
        let pace = pace > 1 ? ", its waits \(pace) times shorter" : ""
        return "is vdeploy with the policy \(policy ?? "default")\(pace)"
    }
}

/// What kind of failure a failed run is, by something that was seen in it.
package struct Classification: Sendable {
    package enum Kind: String, Sendable, CaseIterable, Codable {
        case engineBug = "engine-bug"
        /// Not the engine's fault: the verdict becomes `broken`.
        case labBug = "lab-bug"
    }
    package var when: Trigger
    package var kind: Kind
}
