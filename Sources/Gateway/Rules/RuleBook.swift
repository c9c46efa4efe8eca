import Synchronization

/// The rules that are installed now; each service asks it about each request.
final class RuleBook: Sendable {
    /// A rule with the fault that it names.
    struct Entry: Sendable {
        let rule: Rule
        let fault: any GatewayFault
        let armed: ArmedRule
        /// Which installation it is: an id may come back with another rule.
        let number: Int
    }

    private struct State {
        var entries: [Entry] = []
        var installations = 0
    }

    private let reporter: Reporter
    private let state = Mutex(State())
    private var entries: [Entry] { state.withLock { $0.entries } }

    init(reporter: Reporter) { self.reporter = reporter }

    func install(_ rule: Rule, _ fault: any GatewayFault) throws(GatewayError) {
        let armed = ArmedRule(id: rule.id, kind: rule.kind, occurrence: rule.occurrence, reporter: reporter)
        let added = state.withLock { state in
            guard !state.entries.contains(where: { $0.rule.id == rule.id }) else { return false }
            state.installations += 1
            state.entries.append(
                Entry(rule: rule, fault: fault, armed: armed, number: state.installations)
            )
            return true
        }
        guard added else { throw .ruleExists(id: rule.id) }
    }

    /// False when there is none.
    func remove(_ id: String) -> Bool {
        let armed = state.withLock { state in
            let armed = state.entries.first { $0.rule.id == id }?.armed
            state.entries.removeAll { $0.rule.id == id }
            return armed
        }
        armed?.heal()
        return armed != nil
    }

    var all: [(rule: Rule, bites: Int)] { entries.map { ($0.rule, $0.armed.bites) } }

    /// Those by which nobody is there.
    var refusals: [Entry] { entries.filter { $0.fault is any ConnectionFault } }

    /// Every fault of a family whose rule matches, in the order of installation, each with its turn.
    func faults<Fault>(_ family: Fault.Type, on subject: Subject) -> [(fault: Fault, turn: Turn)] {
        entries.compactMap { entry in
            guard let fault = entry.fault as? Fault, entry.rule.match.fits(subject) else { return nil }
            return (fault, Turn(rule: entry.armed, client: subject.client))
        }
    }
}
