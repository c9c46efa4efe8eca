import LabModel

/// Runs a scenario in a lab that is up: breaks it, lets the engine work, judges, and heals the lab whatever happened.
///
///     let runner = ScenarioRunner(scenario, lab: lab, engine: engine, folder: try RunFolder(path))
///     let verdict = try await runner.run()
package struct ScenarioRunner<TheLab: LabUnderTest, TheEngine: EngineUnderTest, TheClock: Clock>: Sendable
where TheClock.Duration == Duration {
    private let scenario: Scenario
    private let lab: TheLab
    private let engine: TheEngine
    private let folder: RunFolder
    private let clock: TheClock
    private let emit: EventSink

    /// `emit` gets every event, the lab's own included, as the run sees it.
    package init(
        _ scenario: Scenario,
        lab: TheLab,
        engine: TheEngine,
        folder: RunFolder,
        clock: TheClock = ContinuousClock(),
        emit: @escaping EventSink = { _ in }
    ) {
        (self.scenario, self.lab, self.engine) = (scenario, lab, engine)
        (self.folder, self.clock, self.emit) = (folder, clock, emit)
    }

    /// Throws when the scenario does not fit the pod, when a file cannot be written, and when the task is cancelled.
    package func run() async throws -> Verdict {
        try scenario.check(against: lab.pod)
        let log = try RunLog(folder)
        let journal = try HealJournal(path: folder.journal)
        let result: Result<Verdict, any Error>
        do {
            result = .success(try await drive(journal, log))
        } catch {
            result = .failure(error)
        }
        let problem = await healAll(journal, log)
        var verdict = try result.get()
        if let problem {
            verdict.outcome = .broken
            verdict.reasons.insert(problem, at: 0)
        }
        try folder.write(verdict)
        return verdict
    }

    /// Also when the task is cancelled: what was broken is mended.
    private func healAll(_ journal: HealJournal, _ log: RunLog) async -> String? {
        await uncancelled {
            do {
                for remedy in try await journal.healAll(on: lab) {
                    let event = LabEvent("fault.undone", node: remedy.node, ["remedy": remedy.description])
                    try log.record(event)
                    emit(event)
                }
                return nil
            } catch {
                return "\(error)"
            }
        }
    }

    // MARK: - Driving a trial

    private enum Order: Sendable {
        case apply(Change)
        case heal(Change)
    }

    private func drive(_ journal: HealJournal, _ log: RunLog) async throws -> Verdict {
        let (mailbox, post) = AsyncStream<Trial.Message>.makeStream()
        let (orders, order) = AsyncStream<Order>.makeStream()
        let gate = PauseGate()
        defer { gate.open() }
        let events = try await lab.events()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await event in events { post.yield(.event(event)) }
                post.yield(.labFailed("the lab has gone away: its events ended"))
            }
            group.addTask {
                // One after the other: a link that is to go up must be down first.
                for await order in orders { await carryOut(order, journal, gate, post) }
            }
            defer { group.cancelAll() }
            var trial = Trial(scenario, on: lab.pod)
            let start = clock.now
            var alarm: Duration?
            post.yield(.begin)
            for await message in mailbox {
                if case .event(let event) = message { try record(event, log) }
                if case .tick = message { alarm = nil }
                for action in trial.receive(message, at: start.duration(to: clock.now)) {
                    switch action {
                    case .emit(let event): try record(event, log)
                    case .apply(let change): order.yield(.apply(change))
                    case .heal(let change): order.yield(.heal(change))
                    case .release(let rule): gate.release(rule)
                    case .probe(let node): group.addTask { await probe(node, post) }
                    case .startEngine: group.addTask { await runEngine(post) }
                    case .finish(let verdict): return verdict
                    }
                }
                if let deadline = trial.deadline, alarm.map({ deadline < $0 }) ?? true {
                    alarm = deadline
                    group.addTask {
                        // Cancelled only when nobody wants to be woken any more.
                        try? await clock.sleep(until: start.advanced(by: deadline), tolerance: .zero)
                        post.yield(.tick)
                    }
                }
            }
            throw CancellationError()
        }
    }

    private func record(_ event: LabEvent, _ log: RunLog) throws {
        try log.record(event)
        emit(event)
    }

    private func carryOut(
        _ order: Order,
        _ journal: HealJournal,
        _ gate: PauseGate,
        _ post: AsyncStream<Trial.Message>.Continuation
    ) async {
        do {
            switch order {
            case .apply(let change):
                try journal.open(change.remedy)
                try await make(change, gate, post)
                post.yield(.applied(change))
            case .heal(let change):
                try await lab.heal(change.remedy)
                try journal.close(change.remedy)
                post.yield(.healed(change))
            }
        } catch {
            let subject =
                switch order {
                case .apply(let change): change.description
                case .heal(let change): change.remedy.description
                }
            post.yield(.labFailed("\(subject): \(error)"))
        }
    }

    private func make(
        _ change: Change,
        _ gate: PauseGate,
        _ post: AsyncStream<Trial.Message>.Continuation
    ) async throws {
        switch change {
        case .linkDown(let node, let nic):
            try await lab.setLink(of: node, nic: nic, up: false)
        case .rule(let rule):
            try await lab.install(rule)
        case .pause(let pause):
            try await lab.pause(pause) {
                await gate.wait(for: pause.id) { post.yield(.paused(rule: pause.id)) }
            }
        case .misbehaviour(let id, let node, let misbehaviour):
            try await lab.misbehave(node, misbehaviour, for: id)
        }
    }

    private func probe(_ node: String, _ post: AsyncStream<Trial.Message>.Continuation) async {
        do {
            post.yield(.probed(node: node, answers: try await lab.bmcAnswers(of: node)))
        } catch is CancellationError {
            return
        } catch {
            post.yield(.labFailed("BMC of \(node): cannot ask: \(error)"))
        }
    }

    private func runEngine(_ post: AsyncStream<Trial.Message>.Continuation) async {
        do throws(EngineStartError) {
            let end = try await engine.run(scenario.engine) { post.yield(.engineLine($0)) }
            post.yield(.engineEnded(end))
        } catch {
            post.yield(.engineNotStarted(error))
        }
    }
}

/// Runs `body` to its end even in a cancelled task: a new task is not born cancelled.
private func uncancelled<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
    await Task { await body() }.value
}
