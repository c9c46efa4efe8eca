import Foundation
import LabModel

/// One deployment at work: what every stage has at hand.
package struct Job: Sendable {
    package var plan: DeployPlan
    package var policy: Policy
    package var journal: Journal
    package var log: DeployLog
    package var world: World
    package var desk: InstallDesk

    package var nodes: [Node] { plan.pod.nodes }

    /// Sleeps, unless the deployment's time is up.
    package func pause(_ duration: Duration) async throws {
        try checkLimit()
        try await world.time.sleep(for: duration)
        try checkLimit()
    }

    /// Compass4nfv's words, because people search for them.
    package func checkLimit() throws {
        try Task.checkCancellation()
        guard let installed = journal.progress.installed else { return }
        let spent = Duration.seconds(world.time.date.timeIntervalSince(installed))
        guard spent > policy.deploymentLimit else { return }
        throw DeployError(
            "installation timeout: more than \(policy.deploymentLimit.brief) since the installation"
        )
    }

    /// Runs `body` until it succeeds, so often and with such pauses as the policy says.
    package func trying<Result: Sendable>(
        _ what: String,
        _ stage: Stage,
        on node: Node,
        tries: Int,
        pause duration: Duration,
        _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        for attempt in 1... {
            do {
                try checkLimit()
                return try await body()
            } catch let error as CancellationError {
                throw error
            } catch {
                try Task.checkCancellation()
                guard attempt < tries else {
                    throw DeployError("\(stage.rawValue): \(node.name): \(what): \(error) (\(tries) tries)")
                }
                log.say("\(what): try \(attempt) of \(tries): \(error)", stage, node: node.name)
                try await pause(duration)
            }
        }
        throw CancellationError()
    }

    /// A step on every node at once; nodes that are through it by the journal are left alone.
    ///
    /// All nodes go on to their end, so that one error message names all that failed.
    package func onEveryNode(
        _ stage: Stage,
        _ step: String,
        _ body: @escaping @Sendable (Node) async throws -> Void
    ) async throws {
        let failures = try await withThrowingTaskGroup(of: String?.self) { group in
            for node in nodes where !journal.progress.isFinished(stage, step, on: node.name) {
                group.addTask {
                    do {
                        try await body(node)
                        try journal.finish(stage, step, on: node.name)
                        return nil
                    } catch let error as CancellationError {
                        throw error
                    } catch {
                        log.say("failed: \(error)", stage, node: node.name)
                        return "\(error)"
                    }
                }
            }
            return try await group.reduce(into: [String]()) { failures, failure in
                failures += failure.map { [$0] } ?? []
            }
        }
        guard failures.isEmpty else { throw DeployError(failures.sorted().joined(separator: "; ")) }
    }

    /// Runs a script on a node; a status other than 0 is an error with what the script said.
    package func shell(_ script: NodeScript, on node: Node) async throws -> String {
        guard let address = plan.address(of: node) else {
            throw DeployError("\(node.name) has no address on \(plan.installNetwork.name)")
        }
        let outcome = try await world.shell.run(script, on: address, within: policy.shell.limit)
        guard outcome.status == 0 else {
            let said = outcome.errors.isEmpty ? outcome.output : outcome.errors
            let last = said.split(separator: "\n").suffix(3).joined(separator: " / ")
            throw DeployError("\(script.name.rawValue) script ended with \(outcome.status): \(last)")
        }
        return outcome.output
    }
}
