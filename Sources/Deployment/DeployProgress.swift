import Foundation

/// How far a deployment is, by its journal.
package struct DeployProgress: Hashable, Sendable, Codable {
    package enum Outcome: String, Sendable, Codable { case running, succeeded, failed }

    /// What the journal says of one node.
    package struct NodeProgress: Hashable, Sendable, Codable {
        package var attempt = 0
        package var recoveries = 0
        package var ntp: Bool?
        /// Steps by `stage/step`.
        package var finished: Set<String> = []
    }

    package private(set) var request: DeployRequest?
    package private(set) var outcome = Outcome.running
    package private(set) var detail: String?
    package private(set) var current: Stage?
    package private(set) var finishedStages: Set<Stage> = []
    package private(set) var nodes: [String: NodeProgress] = [:]
    /// When the installation of all nodes ended: the deployment's limit counts from here.
    package private(set) var installed: Date?
    package private(set) var lastEntry: Date?

    package init(_ entries: [JournalEntry] = []) { entries.forEach { note($0) } }

    package func isFinished(_ stage: Stage) -> Bool { finishedStages.contains(stage) }

    package func isFinished(_ stage: Stage, _ step: String, on node: String) -> Bool {
        nodes[node]?.finished.contains("\(stage.rawValue)/\(step)") ?? false
    }

    package mutating func note(_ entry: JournalEntry) {
        lastEntry = entry.time
        switch entry.event {
        case .begun: (request, outcome) = (entry.request, .running)
        case .resumed: (outcome, detail) = (.running, nil)
        case .stageStarted: current = entry.stage
        case .stageFinished:
            if let stage = entry.stage { finishedStages.insert(stage) }
            if entry.stage == .install { installed = entry.time }
        case .stepFinished:
            guard let node = entry.node, let stage = entry.stage, let step = entry.step else { return }
            nodes[node, default: .init()].finished.insert("\(stage.rawValue)/\(step)")
        case .attempt:
            guard let node = entry.node else { return }
            nodes[node, default: .init()].attempt = entry.attempt ?? 0
            nodes[node, default: .init()].ntp = entry.ntp
        case .recovery:
            guard let node = entry.node else { return }
            nodes[node, default: .init()].recoveries += 1
            nodes[node, default: .init()].ntp = entry.ntp
            // What comes after the installer must be done again when the node is installed again.
            if entry.step == NodeInstall.Recovery.reinstall.rawValue {
                nodes[node, default: .init()].finished.remove("install/\(InstallStage.installed)")
            }
        case .succeeded: (outcome, detail) = (.succeeded, entry.detail)
        case .failed: (outcome, detail) = (.failed, entry.detail)
        }
    }
}
