import LabModel

/// Powers every node to boot from the network.
struct PowerStage {
    static let powered = "powered"
    let job: Job

    func run() async throws {
        if job.policy.power.delay > .zero { try await job.pause(job.policy.power.delay) }
        switch job.policy.power.order {
        case .parallel: try await job.onEveryNode(.power, Self.powered) { try await power($0) }
        case .sequential: try await oneAfterTheOther()
        }
    }

    private func oneAfterTheOther() async throws {
        for node in job.nodes where !job.journal.progress.isFinished(.power, Self.powered, on: node.name) {
            do {
                try await power(node)
                try job.journal.finish(.power, Self.powered, on: node.name)
            } catch let error as DeployError {
                guard job.policy.power.failure == .unnoticed else { throw error }
                job.log.say("the power script ends here: \(error)", .power, node: node.name)
                return
            }
        }
    }

    private func power(_ node: Node) async throws {
        if let why = try await PowerRun(job: job, stage: .power)(job.policy.power.steps, on: node) {
            throw DeployError("cannot power \(node.name): \(why)")
        }
        try await job.desk.receive(.powered, from: node)
    }
}
