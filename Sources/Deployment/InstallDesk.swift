import LabModel

/// Where nodes report while they are installed: turns what they ask and say into each node's next state, journals it and
/// keeps what must be done about it.
package actor InstallDesk {
    private var states: [String: NodeInstall] = [:]
    private var recoveries: [(node: Node, recovery: NodeInstall.Recovery)] = []
    private let byMAC: [MACAddress: Node]
    private let plan: DeployPlan
    private let policy: Policy
    private let journal: Journal
    private let log: DeployLog
    private let time: any Timekeeper

    /// Begins where the journal says that each node is.
    package init(_ plan: DeployPlan, policy: Policy, journal: Journal, log: DeployLog, time: any Timekeeper) {
        (self.plan, self.policy, self.journal, self.log) = (plan, policy, journal, log)
        self.time = time
        let progress = journal.progress
        byMAC = Dictionary(
            plan.pod.nodes.compactMap { node in plan.mac(of: node).map { ($0, node) } },
            uniquingKeysWith: { first, _ in first }
        )
        for node in plan.pod.nodes {
            let done = progress.nodes[node.name]
            func isDone(_ stage: Stage, _ step: String) -> Bool {
                progress.isFinished(stage, step, on: node.name)
            }
            let phase: NodeInstall.Phase =
                if isDone(.install, InstallStage.ready) {
                    .ready
                } else if isDone(.install, InstallStage.installed) {
                    .rebooting
                } else {
                    isDone(.power, PowerStage.powered) ? .booting : .waiting
                }
            states[node.name] = NodeInstall(
                phase,
                policy: policy,
                ntp: done?.ntp,
                attempt: done?.attempt ?? 0,
                recoveries: done?.recoveries ?? 0,
                at: time.now
            )
        }
    }

    package var isSettled: Bool { states.values.allSatisfy(\.isSettled) }

    package func state(of node: String) -> NodeInstall? { states[node] }

    /// The nodes that failed for good, each with why.
    package var failures: [(node: String, why: String)] {
        plan.pod.nodes.compactMap { node in
            guard case .failed(let why) = states[node.name]?.phase else { return nil }
            return (node.name, why)
        }
    }

    /// What the unsettled nodes do, for people.
    package var summary: String {
        plan.pod.nodes
            .compactMap { node in
                states[node.name].flatMap { $0.isSettled ? nil : "\(node.name) \($0.summary)" }
            }
            .joined(separator: ", ")
    }

    package func receive(_ event: NodeInstall.Event, from node: Node) throws {
        guard var state = states[node.name] else { return }
        let actions = state.receive(event, at: time.now)
        for action in actions { try perform(action, on: node, in: state) }
        states[node.name] = state
    }

    /// Lets time pass, and hands over whom to power anew.
    package func check() throws -> [(node: Node, recovery: NodeInstall.Recovery)] {
        for node in plan.pod.nodes { try receive(.checked, from: node) }
        defer { recoveries = [] }
        return recoveries
    }

    // MARK: - What nodes ask over HTTP; nil for a MAC that is not the pod's

    package func bootScript(for mac: MACAddress) throws -> String? {
        guard let node = byMAC[mac] else { return nil }
        try receive(.askedForBootScript, from: node)
        guard let state = states[node.name] else { return nil }
        return state.bootsInstaller
            ? BootScript.installer(node: node.name, mac: mac, server: plan.server)
            : BootScript.disk(node: node.name)
    }

    package func configuration(for mac: MACAddress) throws -> String? {
        guard let node = byMAC[mac], let state = states[node.name] else { return nil }
        try receive(.fetched("configuration"), from: node)
        return plan.configuration(of: node, ntp: state.ntp, download: policy.download)?.text
    }

    package func noteFetch(of file: String, by mac: MACAddress) throws -> Bool {
        guard let node = byMAC[mac] else { return false }
        try receive(.fetched(file), from: node)
        return true
    }

    package func report(_ report: InstallReport, from mac: MACAddress) throws -> Bool {
        guard let node = byMAC[mac] else { return false }
        try receive(.reported(report), from: node)
        return true
    }

    private func perform(_ action: NodeInstall.Action, on node: Node, in state: NodeInstall) throws {
        switch action {
        case .say(let text): log.say(text, .install, node: node.name)
        case .began(let attempt):
            let clock = state.ntp ? "" : ", without a time server"
            try journal.append(.attempt, stage: .install, node: node.name, attempt: attempt, ntp: state.ntp)
            log.say("installation \(attempt) begins\(clock)", .install, node: node.name)
        case .installed:
            try journal.finish(.install, InstallStage.installed, on: node.name)
            log.say("installed, boots from its disk", .install, node: node.name)
        case .ready:
            try journal.finish(.install, InstallStage.ready, on: node.name)
            log.say("ready: SSH answers", .install, node: node.name)
        case .recover(let recovery, let why):
            try journal.append(
                .recovery,
                stage: .install,
                node: node.name,
                step: recovery.rawValue,
                detail: why,
                ntp: state.ntp
            )
            log.say("\(why): \(recovery.rawValue) (\(state.recoveries))", .install, node: node.name)
            recoveries.append((node, recovery))
        case .gaveUp(let why): log.say("gave up: \(why)", .install, node: node.name)
        }
    }
}
