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
        var isFiltered = false
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

    /// Whether the packet filter does its work on redirected connections.
    var isFiltered: Bool {
        get { state.withLock { $0.isFiltered } }
        set { state.withLock { $0.isFiltered = newValue } }
    }

    /// How often it has bitten.
    var bites: Int { state.withLock { $0.landed } }

    /// The right to bite this client's request; nil when it is not the rule's turn.
    func claim(client: Client) -> Claim? {
        let granted = state.withLock { state in
            guard !state.healed else { return false }
            let key = occurrence.isPerClient ? client.name : nil
            let count = state.claims[key, default: 0]
            // Only turns that were taken count here, or one given back could not be taken again.
            if case .first(let limit, _) = occurrence, count >= limit { return false }
            state.claims[key] = count + 1
            return occurrence.bites(count + 1, of: key)
        }
        return granted ? Claim(rule: self, client: client) : nil
    }

    var isHealed: Bool { state.withLock { $0.healed } }

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

    func landed(client: Client, _ details: LabEvent.Details) {
        let count = state.withLock { state in
            state.landed += 1
            return state.landed
        }
        let proof: LabEvent.Details = ["count": "\(count)", "fault": id, "kind": kind]
        reporter.report("fault.applied", client, details.with(proof))
    }

    /// A client that left before the fault could bite has not had its turn; «the nth» stays the nth.
    func giveBack(client: Client) {
        guard case .first(_, let perClient) = occurrence else { return }
        state.withLock { $0.claims[perClient ? client.name : nil, default: 1] -= 1 }
    }
}
