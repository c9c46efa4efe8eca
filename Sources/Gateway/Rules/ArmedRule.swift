import LabModel
import Synchronization

/// A rule while it is installed: whom it bit, how often, and which transfers it holds.
final class ArmedRule: Sendable {
    private struct State {
        /// By client, or all under nil: claims that landed or may still land.
        var claims: [String?: Int] = [:]
        var landed = 0
        var healed = false
        var holds: [ObjectIdentifier: Hold] = [:]
    }

    let id: String
    /// Its family and kind in the catalogue: `http.stall`, `dns.silent`.
    let kind: String
    private let occurrence: Occurrence
    private let reporter: Reporter
    private let state = Mutex(State())

    init(id: String, kind: String, occurrence: Occurrence, reporter: Reporter) {
        (self.id, self.kind, self.occurrence, self.reporter) = (id, kind, occurrence, reporter)
    }

    /// The right to bite this request; nil when it is not the rule's turn.
    func claim(client: IPv4Address) -> Claim? {
        let name = reporter.name(of: client)
        let granted = state.withLock { state in
            guard !state.healed else { return false }
            switch occurrence {
            case .always: return true
            case .first(let limit, let perClient):
                let key = perClient ? name : nil
                guard state.claims[key, default: 0] < limit else { return false }
                state.claims[key, default: 0] += 1
                return true
            case .nth(let wanted, let perClient):
                let key = perClient ? name : nil
                state.claims[key, default: 0] += 1
                return state.claims[key] == wanted
            }
        }
        return granted ? Claim(rule: self, client: client) : nil
    }

    /// What the fault holds goes on; nothing is bitten any more.
    func heal() {
        let holds = state.withLock { state in
            state.healed = true
            defer { state.holds = [:] }
            return state.holds.values
        }
        for hold in holds { hold.release(.healed) }
    }

    /// Released at once if the rule is healed already.
    func keep(_ hold: Hold) {
        let healed = state.withLock { state in
            if !state.healed { state.holds[ObjectIdentifier(hold)] = hold }
            return state.healed
        }
        if healed { hold.release(.healed) }
    }

    func forget(_ hold: Hold) { state.withLock { _ = $0.holds.removeValue(forKey: ObjectIdentifier(hold)) } }

    fileprivate func landed(client: IPv4Address, _ details: [String: String]) {
        let count = state.withLock { state in
            state.landed += 1
            return state.landed
        }
        let proof = ["fault": id, "kind": kind, "count": "\(count)"]
        reporter.report("fault.applied", client: client, details.merging(proof) { _, proof in proof })
    }

    /// A client that left before the fault could bite has not had its turn; «the nth» stays the nth.
    fileprivate func giveBack(client: IPv4Address) {
        guard case .first(_, let perClient) = occurrence else { return }
        let name = reporter.name(of: client)
        state.withLock { $0.claims[perClient ? name : nil, default: 1] -= 1 }
    }
}

/// One request's turn to be bitten by a rule, which proves itself by landing.
package final class Claim: Sendable {
    let rule: ArmedRule
    private let client: IPv4Address
    private let hasLanded = Mutex(false)

    fileprivate init(rule: ArmedRule, client: IPv4Address) { (self.rule, self.client) = (rule, client) }

    var landed: Bool { hasLanded.withLock { $0 } }

    /// The fault acts now; the event says so, once.
    package func land(_ details: [String: String]) {
        let first = hasLanded.withLock { landed in
            defer { landed = true }
            return !landed
        }
        if first { rule.landed(client: client, details) }
    }

    /// The request is over.
    func end() {
        if !landed { rule.giveBack(client: client) }
    }
}
