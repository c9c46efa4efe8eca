import LabModel

/// One run of a scenario as a value: messages in, actions out.
///
/// It has no clock, no lab and no engine of its own, so that thousands of runs can be simulated.
package struct Trial: Sendable {
    package enum Message: Sendable {
        case begin
        case event(LabEvent)
        case engineLine(String)
        case engineEnded(EngineEnd)
        case engineNotStarted(EngineStartError)
        case probed(node: String, answers: Bool)
        case applied(Change)
        case healed(Change)
        /// A rule holds a download.
        case paused(rule: String)
        /// Something that is the lab's business went wrong.
        case labFailed(String)
        /// Time has passed.
        case tick
    }

    package enum Action: Sendable {
        case probe(node: String)
        case apply(Change)
        case heal(Change)
        case release(rule: String)
        case startEngine
        case emit(LabEvent)
        case finish(Verdict)
    }

    private enum Phase: Hashable {
        case idle
        /// Waiting for the BMCs to prove that the lab is healthy.
        case probing(Set<String>)
        case arming
        case running
        /// The engine has ended; what it caused may still be on its way.
        case settling(until: Duration)
        case over
    }

    /// How long after the engine's end the lab's last events are waited for.
    static let settleTime = Duration.seconds(2)
    static let probeInterval = Duration.seconds(10)
    /// How long the lab may take before the engine starts: what takes longer has failed without a word.
    static let preparationLimit = Duration.seconds(90)

    let scenario: Scenario
    let pod: Pod
    private let everyone: Set<String>
    private var phase = Phase.idle
    private var faults: [TrialFault]
    private var during: [TrialExpectation]
    private var recover: [TrialExpectation]
    private var classification: Classification.Kind?
    private var labFailure: String?
    private var engineEnd: EngineEnd?
    private var engineStarted: Duration?
    private var engineEnded: Duration?
    private var nextProbe: Duration?
    private var now = Duration.zero

    package init(_ scenario: Scenario, on pod: Pod) {
        (self.scenario, self.pod) = (scenario, pod)
        everyone = Set(pod.nodes.map(\.name))
        faults = scenario.faults.map { TrialFault($0, pod: pod, seed: scenario.seed) }
        during = scenario.during.map { TrialExpectation($0, "during", pod: pod, seed: scenario.seed) }
        recover = scenario.recover.map { TrialExpectation($0, "recover", pod: pod, seed: scenario.seed) }
    }

    /// When the next tick is wanted, in time since the begin.
    package var deadline: Duration? {
        switch phase {
        case .idle, .over: return nil
        case .settling(let end): return end
        case .probing, .arming, .running:
            var all = [scenario.budget] + faults.compactMap(\.deadline)
            if phase != .running { all.append(Self.preparationLimit) }
            if let nextProbe { all.append(nextProbe) }
            if let start = recoveryStart { all += recover.compactMap { $0.deadline(from: start) } }
            return all.min()
        }
    }

    /// Takes in what happened, at a time since the begin, and says what to do.
    package mutating func receive(_ message: Message, at time: Duration) -> [Action] {
        guard phase != .over else {
            // What is still held must not be held for ever.
            if case .paused(let rule) = message { return [.release(rule: rule)] }
            return []
        }
        now = max(now, time)
        var actions = handle(message)
        actions += advance()
        return actions
    }

    // MARK: - Messages

    private mutating func handle(_ message: Message) -> [Action] {
        switch message {
        case .begin:
            phase = .probing(Set(pod.nodes.filter { $0.bmc != nil }.map(\.name)))
            return pod.nodes.filter { $0.bmc != nil }.map { .probe(node: $0.name) }
        case .event(let event):
            return observe(event, emit: false)
        case .engineLine(let line):
            return observe(LabEvent("engine.line", ["line": line]), emit: true)
        case .engineEnded(let end):
            engineEnd = end
            engineEnded = now
            var details: LabEvent.Details = ["end": end.description]
            if case .exited(let status) = end { details["status"] = "\(status)" }
            return observe(LabEvent("engine.exited", details), emit: true)
        case .engineNotStarted(let error):
            labFailure = error.description
            return []
        case .probed(let node, let answers):
            return probed(node, answers)
        case .applied(let change):
            return signal(.applied(change)) { $0.owns(change) }
        case .healed(let change):
            return signal(.healed(change)) { $0.owns(change) }
        case .paused(let rule):
            let owner = faults.contains { $0.rules.contains(rule) && $0.healed == nil }
            return owner ? signal(.paused(rule: rule)) { $0.rules.contains(rule) } : [.release(rule: rule)]
        case .labFailed(let reason):
            labFailure = labFailure ?? reason
            return []
        case .tick:
            return tick()
        }
    }

    private mutating func probed(_ node: String, _ answers: Bool) -> [Action] {
        if case .probing(var waiting) = phase {
            guard answers else {
                labFailure = "before any fault, the BMC of \(node) does not answer"
                return []
            }
            waiting.remove(node)
            phase = .probing(waiting)
        }
        return observe(LabEvent("bmc.probed", node: node, ["answers": answers ? "yes" : "no"]), emit: true)
    }

    /// Shows an event to everybody whom it may concern.
    private mutating func observe(_ event: LabEvent, emit: Bool) -> [Action] {
        var actions: [Action] = emit ? [.emit(event)] : []
        for index in during.indices { during[index].watch.observe(event) }
        for index in recover.indices { recover[index].watch.observe(event) }
        if classification == nil {
            classification = scenario.classify.first { $0.when.matches(event, nodes: everyone) }?.kind
        }
        if event.event == "lab.down" { labFailure = labFailure ?? "the lab went down" }
        if event.event == "fault.applied", let rule = event.details["fault"] {
            actions += signal(.bit(rule: rule, node: event.node)) { $0.rules.contains(rule) }
        }
        for index in faults.indices where faults[index].isArmed {
            let steps = faults[index].receive(.event(event), at: now)
            actions += perform(steps, of: index)
            if faults[index].isToStop(at: event) { actions += stop(index) }
        }
        return actions
    }

    private mutating func signal(_ signal: FaultSignal, to isConcerned: (TrialFault) -> Bool) -> [Action] {
        var actions: [Action] = []
        for index in faults.indices where isConcerned(faults[index]) {
            let steps = faults[index].receive(signal, at: now)
            actions += perform(steps, of: index)
        }
        return actions
    }

    private mutating func tick() -> [Action] {
        var actions: [Action] = []
        for index in faults.indices {
            for key in faults[index].dueTimers(at: now) {
                let steps = faults[index].receive(.waited(key), at: now)
                actions += perform(steps, of: index)
            }
            if faults[index].isToStop(at: now) { actions += stop(index) }
        }
        if let due = nextProbe, due <= now {
            nextProbe = now + Self.probeInterval
            let nodes = Set((during + recover).flatMap(\.probedNodes))
            actions += pod.nodes.map(\.name).filter(nodes.contains).map { .probe(node: $0) }
        }
        return actions
    }

    private mutating func stop(_ index: Int) -> [Action] {
        let steps = faults[index].receive(.stop, at: now)
        return perform(steps, of: index)
    }

    /// Turns what a fault wants into actions, and keeps its record.
    private mutating func perform(_ steps: [FaultStep], of index: Int) -> [Action] {
        let id = faults[index].fault.id
        return steps.flatMap { step -> [Action] in
            switch step {
            case .apply(let change): return [.apply(change)]
            case .heal(let change): return [.heal(change)]
            case .release(let rule): return [.release(rule: rule)]
            case .counted:
                faults[index].bite(at: now)
                return []
            case .applied(let node, let details):
                faults[index].bite(at: now)
                let event = LabEvent(
                    "fault.applied",
                    node: node,
                    details.with([
                        "fault": id, "kind": faults[index].kindName, "count": "\(faults[index].applied)",
                    ])
                )
                return observeOwn(event)
            case .healed:
                faults[index].healed = faults[index].healed ?? now
                return observeOwn(LabEvent("fault.healed", ["fault": id, "kind": faults[index].kindName]))
            case .wait(let duration, let key):
                faults[index].timers.append((now + duration, key))
                return []
            }
        }
    }

    /// An event of a fault: expectations see it, faults do not, which could chase each other.
    private mutating func observeOwn(_ event: LabEvent) -> [Action] {
        for index in during.indices { during[index].watch.observe(event) }
        for index in recover.indices { recover[index].watch.observe(event) }
        return [.emit(event)]
    }

    // MARK: - Phases

    private mutating func advance() -> [Action] {
        if labFailure != nil { return finish() }
        switch phase {
        case .idle, .over: return []
        case .probing(let waiting):
            if waiting.isEmpty { return arm() }
            return isLate ? fail("no word from the BMC of \(waiting.sorted().joined(separator: ", "))") : []
        case .arming:
            if faults.allSatisfy(\.isArmed) { return startEngine() }
            let late = faults.filter { !$0.isArmed }.map { "“\($0.fault.id)” (\($0.kindName))" }
            return isLate ? fail("not armed: fault \(late.joined(separator: ", "))") : []
        case .running: return judge()
        case .settling(let end):
            // Word of a bite may come later than that of the end which it has led to.
            let decided = allBit && (during + recover).allSatisfy(\.isDecided)
            return decided || now >= end ? finish() : []
        }
    }

    private var isLate: Bool { now >= min(Self.preparationLimit, scenario.budget) }

    private mutating func fail(_ reason: String) -> [Action] {
        labFailure = "before the engine's start: \(reason) within \(now.brief)"
        return finish()
    }

    private mutating func arm() -> [Action] {
        phase = .arming
        var actions: [Action] = []
        for index in faults.indices {
            let steps = faults[index].arm()
            actions += perform(steps, of: index)
            let names = faults[index].nodes.map(\.name).joined(separator: ",")
            actions += observeOwn(
                LabEvent(
                    "fault.armed",
                    ["fault": faults[index].fault.id, "kind": faults[index].kindName, "nodes": names]
                )
            )
        }
        return actions + (faults.allSatisfy(\.isArmed) ? startEngine() : [])
    }

    private mutating func startEngine() -> [Action] {
        phase = .running
        engineStarted = now
        if !(during + recover).flatMap(\.probedNodes).isEmpty { nextProbe = now + Self.probeInterval }
        let actions = observe(LabEvent("engine.started", ["engine": scenario.engine.prose]), emit: true)
        return [.startEngine] + actions + signal(.engineStarted) { _ in true }
    }

    private mutating func judge() -> [Action] {
        if let start = recoveryStart {
            for index in recover.indices { recover[index].expire(since: start, at: now) }
        }
        let isFinal = allBit && recover.contains { $0.isViolated }
        if during.contains(where: \.isViolated) { return finish() }
        if engineEnd != nil {
            phase = .settling(until: now + Self.settleTime)
            return advance()
        }
        let isDone = allBit && !recover.isEmpty && recover.allSatisfy(\.isMet)
        return isFinal || isDone || now >= scenario.budget ? finish() : []
    }

    private var allBit: Bool { faults.allSatisfy { $0.applied > 0 } }

    /// When the last fault was over, or first bit if it lasts to the run's end; nil before.
    private var recoveryStart: Duration? {
        var latest = Duration.zero
        for fault in faults {
            guard let first = fault.firstApplied else { return nil }
            guard let moment = fault.healed ?? (fault.fault.until == .end ? first : nil) else { return nil }
            latest = max(latest, moment)
        }
        return latest
    }

    private mutating func finish() -> [Action] {
        phase = .over
        let verdict = verdict()
        let details: LabEvent.Details = [
            "outcome": verdict.outcome.rawValue, "reason": verdict.reasons.first ?? "",
        ]
        return [.emit(LabEvent("run.verdict", details)), .finish(verdict)]
    }

    // MARK: - The verdict

    private func verdict() -> Verdict {
        let reports = (during + recover).map(\.report)
        let (outcome, reasons) = outcome(reports)
        var recovered: Double?
        if let start = recoveryStart, let end = engineEnded, end > start {
            recovered = (end - start).inSeconds
        }
        return Verdict(
            scenario: scenario.name,
            file: scenario.file,
            pod: pod.name,
            seed: scenario.seed,
            reproduces: scenario.reproduces,
            outcome: outcome,
            reasons: reasons,
            classification: outcome == .failed || outcome == .broken ? classification : nil,
            faults: faults.map(\.report),
            expectations: reports,
            engine: engineEnd?.description ?? (engineStarted == nil ? "never started" : "still running"),
            seconds: now.inSeconds,
            secondsToRecover: recovered
        )
    }

    private func outcome(_ reports: [Verdict.ExpectationReport]) -> (Verdict.Outcome, [String]) {
        let unmet = reports.filter { !$0.holds }.map(\.text)
        let unbitten = faults.filter { $0.applied == 0 }.map { fault in
            "fault “\(fault.fault.id)” (\(fault.kindName)) never bit: nothing was tested"
        }
        let overdue = now >= scenario.budget && engineEnd == nil
        let budget = overdue ? ["the budget of \(scenario.budget.brief) was used up"] : []
        if let labFailure { return (.broken, [labFailure] + unmet) }
        if case .none = engineStarted { return (.broken, ["the engine was never started"] + budget) }
        if during.contains(where: \.isViolated) { return (.failed, unmet + unbitten) }
        if !unbitten.isEmpty { return (.inconclusive, unbitten + budget + unmet) }
        guard unmet.isEmpty else {
            if classification == .labBug {
                return (.broken, ["the scenario classifies this as the lab's fault"] + unmet)
            }
            return (.failed, unmet + budget)
        }
        return (.passed, [])
    }
}
