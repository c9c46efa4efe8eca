import LabModel

/// Carries out one node's power plan against its BMC.
package struct PowerRun: Sendable {
    package var job: Job
    package var stage: Stage

    /// Nil when the node obeyed; else why not.
    package func callAsFunction(_ steps: [PowerStep], on node: Node) async throws -> String? {
        guard let bmc = node.bmc else { return "it has no BMC" }
        let rules = job.policy.power
        var plan = PowerPlan(steps, rules)
        var answer: PowerAnswer?
        while true {
            switch plan.next(after: answer) {
            case .finished: return nil
            case .failed(let why): return why
            case .pause(let duration):
                try await job.pause(duration)
                answer = nil
            case .run(let command):
                let reply = try await job.world.power.perform(command, on: bmc, within: rules.limit)
                job.log.say("\(command.words) → \(reply.words)", stage, node: node.name)
                answer = reply
            }
        }
    }
}

extension PowerCommand {
    /// As ipmitool calls it.
    var words: String { arguments.joined(separator: " ") }

    package var arguments: [String] {
        switch self {
        case .status: ["chassis", "power", "status"]
        case .powerOn: ["chassis", "power", "on"]
        case .powerReset: ["chassis", "power", "reset"]
        case .bootPXE: ["chassis", "bootdev", "pxe"]
        case .bootDisk: ["chassis", "bootdev", "disk"]
        }
    }
}

extension PowerAnswer {
    var words: String {
        switch self {
        case .done: "ok"
        case .power(let state): state.rawValue
        case .refused(let why): "refused: \(why)"
        }
    }
}
