import Gateway
import LabModel

@testable import Scenario

/// A lab, its nodes and an engine in virtual time: a whole run in less than a millisecond, the same for every seed.
struct Simulation {
    enum Engine: String, CaseIterable, Sendable {
        /// Notices that nothing moves, tries again, gets past the clock.
        case copes
        /// Says so at the first failure and ends.
        case givesUp
        /// Waits for ever.
        case hangs
        /// Is not there.
        case missing
        /// Ends before it did anything.
        case exitsAtOnce
    }

    private enum Happening {
        case message(Trial.Message)
        case boot(String), askTime(String), download(String), continueDownload(String), clientLeaves(String)
        case installed(String)
    }

    private var trial: Trial
    private let pod: Pod
    private let engine: Engine
    private var chance: SeededChoice
    private var now = Duration.zero
    private var queue: [(at: Duration, order: Int, what: Happening)] = []
    private var order = 0
    private var bites: [String: Int] = [:]
    private var held: [String: String] = [:]
    private var installed: Set<String> = []
    private var engineRuns = false

    /// What is changed now and not undone: what the journal of a real run would hold.
    private(set) var open: Set<Remedy> = []
    private(set) var rules: [String: Rule] = [:]
    private(set) var pauses: [String: Pause] = [:]
    private(set) var downLinks: Set<String> = []
    /// For which fault a node's BMC misbehaves.
    private(set) var misbehaving: [String: String] = [:]
    private(set) var events: [LabEvent] = []
    private(set) var steps = 0

    init(_ scenario: Scenario, on pod: Pod, engine: Engine, seed: UInt64) {
        (self.pod, self.engine) = (pod, engine)
        trial = Trial(scenario, on: pod)
        chance = SeededChoice(seed: seed, label: "simulation")
    }

    /// Runs to the verdict; nil when none comes in many times the steps that a run takes.
    mutating func run() -> Verdict? {
        if let verdict = deliver(.begin) { return verdict }
        for _ in 0..<100_000 {
            steps += 1
            let next = queue.indices.min { (queue[$0].at, queue[$0].order) < (queue[$1].at, queue[$1].order) }
            if let deadline = trial.deadline, next.map({ deadline < queue[$0].at }) ?? true {
                now = max(now, deadline)
                if let verdict = deliver(.tick) { return verdict }
                continue
            }
            guard let next else { return nil }
            let (at, _, what) = queue.remove(at: next)
            now = at
            if let verdict = happen(what) { return verdict }
        }
        return nil
    }

    // MARK: - The world

    private mutating func later(_ seconds: ClosedRange<Double>, _ what: Happening) {
        let part = Double(chance.next() % 1_000_000) / 1_000_000
        let delay = seconds.lowerBound + (seconds.upperBound - seconds.lowerBound) * part
        order += 1
        queue.append((now + .milliseconds(Int(delay * 1000)), order, what))
    }

    private mutating func event(_ name: String, _ node: String, _ details: LabEvent.Details = [:]) -> Verdict?
    {
        deliver(.event(LabEvent(name, node: node, details)))
    }

    private func rule(for node: String, _ kind: String) -> Rule? {
        rules.values.sorted { $0.id < $1.id }.first { rule in
            guard rule.kind == kind, rule.match.clients?.contains(node) ?? true else { return false }
            return switch rule.occurrence {
            case .first(let count, true): bites["\(rule.id) \(node)", default: 0] < count
            case .first(let count, false): bites[rule.id, default: 0] < count
            case .always, .nth, .every, .probability: true
            }
        }
    }

    private func pause(for node: String) -> Pause? {
        pauses.values.sorted { $0.id < $1.id }.first { pause in
            pause.nodes?.contains(node) ?? true && bites[pause.id, default: 0] == 0
        }
    }

    private mutating func bite(_ rule: String, _ node: String) -> Verdict? {
        bites["\(rule) \(node)", default: 0] += 1
        bites[rule, default: 0] += 1
        return event("fault.applied", node, ["fault": rule])
    }

    private mutating func happen(_ what: Happening) -> Verdict? {
        switch what {
        case .message(let message): return deliver(message)
        case .boot(let node):
            if let fault = misbehaving[node], let verdict = event("fault.applied", node, ["fault": fault]) {
                return verdict
            }
            later(5...9, .askTime(node))
            return event("power.on", node)
                ?? event("console.line", node, ["line": "==> Setting up the clock"])
        case .askTime(let node): return askTime(node)
        case .download(let node): return download(node)
        case .continueDownload(let node):
            if held[node] != nil || downLinks.contains(node) {
                // Stands still; only a client that is patient for ever stays.
                if engine != .hangs { later(10...10, .clientLeaves(node)) }
                return nil
            }
            later(1...2, .installed(node))
            return served(node)
        case .clientLeaves(let node):
            let verdict = served(node)
            held[node] = nil
            if verdict != nil { return verdict }
            if engine == .givesUp {
                return giveUp("FAILED - RETRYING: Ensure image has been pre-staged (1 retries left).")
            }
            later(2...2, .download(node))
            return nil
        case .installed(let node):
            installed.insert(node)
            if let verdict = event("console.line", node, ["line": "==> Installed, rebooting"]) {
                return verdict
            }
            guard installed.count == pod.nodes.count, engineRuns else { return nil }
            engineRuns = false
            return deliver(.engineLine("deploy SUCCESSFUL")) ?? deliver(.engineEnded(.exited(0)))
        }
    }

    private mutating func askTime(_ node: String) -> Verdict? {
        let line = "    Getting the time from a network time server..."
        if let verdict = event("console.line", node, ["line": line]) { return verdict }
        guard let rule = rule(for: node, "ntp.unreachable") else {
            later(1...2, .download(node))
            return nil
        }
        if let verdict = bite(rule.id, node) { return verdict }
        switch engine {
        case .copes: later(30...40, .download(node))
        case .givesUp: later(180...180, .message(.engineLine("OS installation timeout")))
        case .hangs, .missing, .exitsAtOnce: break
        }
        if engine == .givesUp { later(181...181, .message(.engineEnded(.exited(1)))) }
        return nil
    }

    private mutating func download(_ node: String) -> Verdict? {
        guard !downLinks.contains(node) else {
            later(3...3, .download(node))
            return nil
        }
        let stall = rule(for: node, "http.stall")?.id
        later(10...15, .continueDownload(node))
        guard let rule = stall ?? pause(for: node)?.id else { return nil }
        held[node] = rule
        if let verdict = bite(rule, node) { return verdict }
        return stall == nil ? deliver(.paused(rule: rule)) : nil
    }

    private mutating func served(_ node: String) -> Verdict? {
        let path = "/images/micro/current/disk.img"
        return event(
            "http.served",
            node,
            ["host": "mirror-a.vlab.test", "path": path, "faults": held[node] ?? ""]
        )
    }

    private mutating func giveUp(_ words: String) -> Verdict? {
        guard engineRuns else { return nil }
        engineRuns = false
        return deliver(.engineLine(words)) ?? deliver(.engineEnded(.exited(1)))
    }

    // MARK: - The trial

    private mutating func deliver(_ message: Trial.Message) -> Verdict? {
        for action in trial.receive(message, at: now) {
            switch action {
            case .emit(let event): events.append(event)
            case .finish(let verdict): return verdict
            case .probe(let node): later(0.001...0.02, .message(.probed(node: node, answers: true)))
            case .release(let rule): held = held.filter { $0.value != rule }
            case .startEngine: startEngine()
            case .apply(let change):
                open.insert(change.remedy)
                switch change {
                case .linkDown(let node, _): downLinks.insert(node)
                case .rule(let rule): rules[rule.id] = rule
                case .pause(let pause): pauses[pause.id] = pause
                case .misbehaviour(let id, let node, _): misbehaving[node] = id
                }
                later(0.001...0.02, .message(.applied(change)))
            case .heal(let change):
                open.remove(change.remedy)
                switch change {
                case .linkDown(let node, _): downLinks.remove(node)
                case .rule(let rule):
                    rules[rule.id] = nil
                    held = held.filter { $0.value != rule.id }
                case .pause(let pause):
                    pauses[pause.id] = nil
                    held = held.filter { $0.value != pause.id }
                case .misbehaviour(_, let node, _): misbehaving[node] = nil
                }
                later(0.001...0.02, .message(.healed(change)))
            }
        }
        return nil
    }

    private mutating func startEngine() {
        switch engine {
        case .missing:
            let error = EngineStartError(program: "/nonexistent/engine", reason: "no such file")
            later(0...0.01, .message(.engineNotStarted(error)))
        case .exitsAtOnce: later(0...0.01, .message(.engineEnded(.exited(127))))
        case .copes, .givesUp, .hangs:
            engineRuns = true
            for node in pod.nodes { later(1...5, .boot(node.name)) }
        }
    }
}
