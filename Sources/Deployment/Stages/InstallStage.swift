import LabModel

/// Waits until every node is installed and answers, and powers anew those that are stuck.
struct InstallStage {
    static let installed = "installed"
    static let ready = "ready"
    private static let poll = Duration.milliseconds(500)
    private static let heartbeat = Duration.seconds(15)
    let job: Job
    /// Whether nodes may have gone on while no engine was there to see it.
    let resumed: Bool

    func run() async throws {
        let start = job.world.time.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in job.nodes {
                group.addTask {
                    do {
                        try await greet(node)
                    } catch is CancellationError {
                        return
                    }
                }
            }
            var spoken = start
            while await !job.desk.isSettled {
                for (node, recovery) in try await job.desk.check() {
                    group.addTask { try await recover(node, recovery) }
                }
                let now = job.world.time.now
                guard now - start <= job.policy.install.limit else {
                    throw DeployError("OS installation timeout: \(await job.desk.summary)")
                }
                if now - spoken >= Self.heartbeat {
                    job.log.say("waiting for \(await job.desk.summary)", .install)
                    spoken = now
                }
                try await job.pause(Self.poll)
            }
            group.cancelAll()
        }
        let failures = await job.desk.failures
        guard failures.isEmpty else {
            throw DeployError(failures.map { "\($0.node): \($0.why)" }.joined(separator: "; "))
        }
    }

    private func recover(_ node: Node, _ recovery: NodeInstall.Recovery) async throws {
        let steps: [PowerStep] =
            switch recovery {
            case .reinstall: [.bootPXE, .restart]
            case .reboot: [.bootDisk, .restart]
            }
        if let why = try await PowerRun(job: job, stage: .install)(steps, on: node) {
            try await job.desk.receive(.recoveryFailed(why), from: node)
        } else {
            try await job.desk.receive(.powered, from: node)
        }
    }

    /// Asks an installed node for its name until it says it.
    ///
    /// The key was made for this deployment, so a node that
    /// lets it in was installed by it.
    private func greet(_ node: Node) async throws {
        var silence = ""
        while let state = await job.desk.state(of: node.name), !state.isSettled {
            if state.phase == .rebooting || resumed {
                let why = try await whySilent(node)
                if let why, why != silence, state.phase == .rebooting {
                    job.log.say("no SSH yet: \(why)", .install, node: node.name)
                }
                silence = why ?? silence
                if why == nil { try await job.desk.receive(.answered, from: node) }
            }
            try await job.world.time.sleep(for: .seconds(1))
        }
    }

    /// Why a node does not say its own name; nil when it does.
    private func whySilent(_ node: Node) async throws -> String? {
        do {
            let said = try await job.shell(NodeScript(.greet, "hostname"), on: node)
            let name = said.split(whereSeparator: \.isWhitespace).first.map(String.init)
            return name == node.name ? nil : "it calls itself \(name ?? "nothing")"
        } catch {
            try Task.checkCancellation()
            return "\(error)"
        }
    }
}
