import LabModel

/// A fault in a trial, with its record: armed, applied so often, healed.
struct TrialFault: Sendable {
    let fault: Fault
    let nodes: [Node]
    private var run: any FaultRun
    /// Changes of its arming that have not been made yet.
    private var pending: Set<Change> = []
    private var isArming = false
    /// Rules of the gateway that it asked for.
    private(set) var rules: Set<String> = []
    private(set) var applied = 0
    private(set) var firstApplied: Duration?
    var healed: Duration?
    var timers: [(at: Duration, key: String)] = []

    init(_ fault: Fault, pod: Pod, seed: UInt64) {
        self.fault = fault
        nodes = fault.kind.selector.choose(from: pod, seed: seed, label: fault.id)
        run = fault.kind.run(id: fault.id, nodes: nodes, pod: pod)
    }

    var kindName: String { type(of: fault.kind).form.name }
    var isArmed: Bool { isArming && pending.isEmpty }

    mutating func arm() -> [FaultStep] {
        isArming = true
        let steps = run.arm()
        for case .apply(let change) in steps { pending.insert(change) }
        note(steps)
        return steps
    }

    mutating func receive(_ signal: FaultSignal, at time: Duration) -> [FaultStep] {
        if case .applied(let change) = signal { pending.remove(change) }
        guard healed == nil else { return [] }
        let steps = run.receive(signal)
        note(steps)
        return steps
    }

    private mutating func note(_ steps: [FaultStep]) {
        for case .apply(.rule(let rule)) in steps { rules.insert(rule.id) }
    }

    func owns(_ change: Change) -> Bool {
        switch change {
        case .rule(let rule): rules.contains(rule.id)
        case .linkDown(let node, _): nodes.contains { $0.name == node }
        }
    }

    mutating func bite(at time: Duration) {
        applied += 1
        firstApplied = firstApplied ?? time
    }

    mutating func dueTimers(at time: Duration) -> [String] {
        let due = timers.filter { $0.at <= time }.map(\.key)
        timers.removeAll { $0.at <= time }
        return due
    }

    var deadline: Duration? {
        guard healed == nil else { return nil }
        return (timers.map(\.at) + [stopTime].compactMap { $0 }).min()
    }

    private var stopTime: Duration? {
        guard case .duration(let length) = fault.until, let firstApplied else { return nil }
        return firstApplied + length
    }

    func isToStop(at time: Duration) -> Bool { healed == nil && stopTime.map { $0 <= time } ?? false }

    func isToStop(at event: LabEvent) -> Bool {
        guard healed == nil, applied > 0, case .moment(let trigger) = fault.until else { return false }
        return trigger.matches(event, nodes: Set(nodes.map(\.name)))
    }

    var report: Verdict.FaultReport {
        Verdict.FaultReport(
            id: fault.id,
            kind: kindName,
            nodes: nodes.map(\.name),
            applied: applied,
            firstApplied: firstApplied?.inSeconds,
            healed: healed?.inSeconds
        )
    }
}

/// An expectation in a trial.
struct TrialExpectation: Sendable {
    let expectation: Expectation
    let section: String
    let nodes: [Node]
    var watch: any ExpectationWatch
    /// What was seen when its time was over before it came true.
    private var late: String?

    init(_ expectation: Expectation, _ section: String, pod: Pod, seed: UInt64) {
        (self.expectation, self.section) = (expectation, section)
        nodes = expectation.kind.selector.choose(from: pod, seed: seed, label: expectation.place.description)
        watch = expectation.kind.watch(nodes)
    }

    /// What was seen in time counts, whatever comes later.
    private var inTime = false

    func deadline(from start: Duration) -> Duration? {
        guard late == nil, !inTime, let within = expectation.within else { return nil }
        return start + within
    }

    mutating func expire(since start: Duration, at time: Duration) {
        guard late == nil, !inTime, let within = expectation.within else { return }
        if watch.finding.holds {
            inTime = true
        } else if time >= start + within {
            late = "\(watch.finding.saw) (\((time - start).brief) after the last fault)"
        }
    }

    var isMet: Bool {
        if case .met = watch.finding { late == nil } else { false }
    }
    var isViolated: Bool {
        if case .violated = watch.finding { true } else { late != nil }
    }
    var isDecided: Bool { isMet || isViolated }

    /// Whose BMCs it wants asked.
    var probedNodes: [String] { expectation.kind is BMCReachable ? nodes.map(\.name) : [] }

    var report: Verdict.ExpectationReport {
        Verdict.ExpectationReport(
            file: expectation.place.file,
            line: expectation.place.line,
            section: section,
            expected: expectation.prose,
            saw: late ?? watch.finding.saw,
            holds: late == nil && watch.finding.holds
        )
    }
}
