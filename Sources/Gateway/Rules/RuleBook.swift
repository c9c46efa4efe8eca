import Synchronization

/// The rules that are installed now; each service asks it about each request.
final class RuleBook: Sendable {
    /// A rule with the fault that it names.
    struct Entry: Sendable {
        let rule: Rule
        let fault: any GatewayFault
        let armed: ArmedRule
    }

    private let reporter: Reporter
    private let entries = Mutex<[Entry]>([])

    init(reporter: Reporter) { self.reporter = reporter }

    func install(_ rule: Rule, _ fault: any GatewayFault) throws(GatewayError) {
        let armed = ArmedRule(id: rule.id, kind: rule.kind, occurrence: rule.occurrence, reporter: reporter)
        let added = entries.withLock { entries in
            guard !entries.contains(where: { $0.rule.id == rule.id }) else { return false }
            entries.append(Entry(rule: rule, fault: fault, armed: armed))
            return true
        }
        guard added else { throw .ruleExists(id: rule.id) }
    }

    /// False when there is none.
    func remove(_ id: String) -> Bool {
        let armed = entries.withLock { entries in
            let armed = entries.first { $0.rule.id == id }?.armed
            entries.removeAll { $0.rule.id == id }
            return armed
        }
        armed?.heal()
        return armed != nil
    }

    var all: [(rule: Rule, bites: Int)] { entries.withLock { $0 }.map { ($0.rule, $0.armed.bites) } }

    /// Every fault of a family whose rule matches, in the order of installation, each with its turn.
    func faults<Fault>(_ family: Fault.Type, on subject: Subject) -> [(fault: Fault, turn: Turn)] {
        let entries = entries.withLock { $0 }
        return entries.compactMap { entry in
            guard let fault = entry.fault as? Fault, entry.rule.match.fits(subject) else { return nil }
            return (fault, Turn(rule: entry.armed, client: subject.client))
        }
    }
}
