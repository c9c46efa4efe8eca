import LabModel
import Synchronization

/// The rules that are installed now; each service asks it about each request.
final class RuleBook: Sendable {
    private struct Entry<Rule: Sendable>: Sendable {
        let rule: Rule
        let armed: ArmedRule
    }

    private struct State {
        var http: [Entry<HTTPRule>] = []
        var dns: [Entry<DNSRule>] = []
        var ntp: [Entry<NTPRule>] = []

        var all: [ArmedRule] { http.map(\.armed) + dns.map(\.armed) + ntp.map(\.armed) }
    }

    private let reporter: Reporter
    private let state = Mutex(State())

    init(reporter: Reporter) { self.reporter = reporter }

    func install(_ rule: HTTPRule) throws(GatewayError) {
        let armed = arm(rule.id, kind: rule.fault.kind, rule.occurrence)
        try add(rule.id) { $0.http.append(Entry(rule: rule, armed: armed)) }
    }

    func install(_ rule: DNSRule) throws(GatewayError) {
        let armed = arm(rule.id, kind: "dns.\(rule.fault.rawValue)", rule.occurrence)
        try add(rule.id) { $0.dns.append(Entry(rule: rule, armed: armed)) }
    }

    func install(_ rule: NTPRule) throws(GatewayError) {
        let armed = arm(rule.id, kind: "ntp.\(rule.fault.rawValue)", rule.occurrence)
        try add(rule.id) { $0.ntp.append(Entry(rule: rule, armed: armed)) }
    }

    /// False when there is none.
    func remove(_ id: String) -> Bool {
        let armed = state.withLock { state in
            let armed = state.all.first { $0.id == id }
            state.http.removeAll { $0.rule.id == id }
            state.dns.removeAll { $0.rule.id == id }
            state.ntp.removeAll { $0.rule.id == id }
            return armed
        }
        armed?.heal()
        return armed != nil
    }

    var ids: [String] { state.withLock { $0.all.map(\.id) } }

    /// Every fault whose rule matches, in the order of installation, each with the way to claim its turn.
    func httpFaults(client: IPv4Address, host: String, path: String) -> [(fault: HTTPFault, rule: ArmedRule)]
    {
        let rules = state.withLock { $0.http }
        return rules.filter { entry in
            applies(entry.rule.clients, to: client)
                && entry.rule.host.matches(host) && entry.rule.path.matches(path)
        }.map { ($0.rule.fault, $0.armed) }
    }

    func dnsBites(client: IPv4Address, name: String) -> [(fault: DNSRule.Fault, claim: Claim)] {
        let rules = state.withLock { $0.dns }
        return rules.compactMap { entry in
            guard applies(entry.rule.clients, to: client), entry.rule.name.matches(name),
                let claim = entry.armed.claim(client: client)
            else { return nil }
            return (entry.rule.fault, claim)
        }
    }

    func ntpBites(client: IPv4Address) -> [(fault: NTPRule.Fault, claim: Claim)] {
        let rules = state.withLock { $0.ntp }
        return rules.compactMap { entry in
            guard applies(entry.rule.clients, to: client),
                let claim = entry.armed.claim(client: client)
            else { return nil }
            return (entry.rule.fault, claim)
        }
    }

    private func arm(_ id: String, kind: String, _ occurrence: Occurrence) -> ArmedRule {
        ArmedRule(id: id, kind: kind, occurrence: occurrence, reporter: reporter)
    }

    private func add(_ id: String, _ change: (inout State) -> Void) throws(GatewayError) {
        let added = state.withLock { state in
            guard !state.all.contains(where: { $0.id == id }) else { return false }
            change(&state)
            return true
        }
        guard added else { throw .ruleExists(id: id) }
    }

    private func applies(_ clients: Set<String>?, to client: IPv4Address) -> Bool {
        clients.map { $0.contains(reporter.name(of: client)) } ?? true
    }
}
