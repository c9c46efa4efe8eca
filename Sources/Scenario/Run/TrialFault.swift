import Gateway
import LabModel

/// A fault in a trial, with its record: armed, applied so often, healed.
struct TrialFault: Sendable {
    let fault: Fault
    let nodes: [Node]
    private var run: any FaultRun
    /// Changes of its arming that have not been made yet.
    private var pending: Set<Change> = []
    private var isArming = false
    /// The ids under which its bites are reported by the gateway and by BMCs.
    private(set) var rules: Set<String> = []
    private(set) var applied = 0
    private(set) var firstApplied: Duration?
    var healed: Duration?
    var timers: [(at: Duration, key: String)] = []

    init(_ fault: Fault, pod: Pod, seed: UInt64) {
        self.fault = fault
        nodes = fault.kind.selector.choose(from: pod, seed: seed, label: fault.id)
        run = fault.kind.run(id: fault.id, nodes: nodes, pod: pod, seed: seed)
    }

    var kindName: String { fault.kind.form.name }
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
        for case .apply(let change) in steps {
            switch change {
            case .rule(let rule): rules.insert(rule.id)
            case .pause(let pause): rules.insert(pause.id)
            // What a BMC does wrong bears the fault's id, as a rule of the gateway does.
            case .misbehaviour(let id, _, _): rules.insert(id)
            case .linkDown: break
            }
        }
    }

    func owns(_ change: Change) -> Bool {
        switch change {
        case .rule(let rule): rules.contains(rule.id)
        case .pause(let pause): rules.contains(pause.id)
        case .linkDown(let node, _): nodes.contains { $0.name == node }
        case .misbehaviour(let id, _, _): id == fault.id
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
