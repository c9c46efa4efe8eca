import LabModel

/// Looks from every node at every node and every service; nothing but this makes a deployment successful.
struct VerifyStage {
    let job: Job
    let bundles: [RoleBundle]

    func run() async throws {
        let verification = Verification(job.plan, bundles)
        let rules = job.policy.verify
        var failures: [Verification.Failure] = []
        for attempt in 1...rules.tries {
            failures = try await look(verification)
            guard !failures.isEmpty else {
                let count = job.nodes.map(verification.count).reduce(0, +)
                job.log.say("\(count) checks passed from \(job.nodes.count) nodes", .verify)
                return
            }
            guard attempt < rules.tries else { break }
            job.log.say("look \(attempt) of \(rules.tries): \(failures.count) checks failed", .verify)
            try await job.pause(rules.pause)
        }
        for failure in failures { job.log.say("\(failure)", .verify, node: failure.from) }
        throw DeployError("verify: \(failures.count) checks failed, first \(failures[0])")
    }

    private func look(_ verification: Verification) async throws -> [Verification.Failure] {
        try await withThrowingTaskGroup(of: [Verification.Failure].self) { group in
            for node in job.nodes {
                group.addTask {
                    do {
                        let output = try await job.shell(verification.script(from: node), on: node)
                        return verification.failures(from: node, output)
                    } catch let error as CancellationError {
                        throw error
                    } catch {
                        return verification.checks.map { .init(from: node.name, check: $0, why: "\(error)") }
                    }
                }
            }
            let found = try await group.reduce(into: []) { $0 += $1 }
            return found.sorted { "\($0)" < "\($1)" }
        }
    }
}
