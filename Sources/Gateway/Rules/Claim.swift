import LabModel
import Synchronization

/// The chance of one rule to bite one request: taken at most once, and only by a fault that has something to act on.
package final class Turn: Sendable {
    let rule: ArmedRule
    let client: Client
    /// Nil until it is asked for; then what came of it.
    private let claim = Mutex<Claim??>(nil)

    init(rule: ArmedRule, client: Client) { (self.rule, self.client) = (rule, client) }

    /// The right to bite, the same one at every call; nil when it is not the rule's turn.
    package func take() -> Claim? {
        claim.withLock { claim in
            if let known = claim { return known }
            let made = rule.claim(client: client)
            claim = .some(made)
            return made
        }
    }

    /// What was taken, if anything.
    var taken: Claim? { claim.withLock { $0 ?? nil } }
}

/// One request's turn to be bitten by a rule, which proves itself by landing.
package final class Claim: Sendable {
    let rule: ArmedRule
    private let client: Client
    private let hasLanded = Mutex(false)

    init(rule: ArmedRule, client: Client) { (self.rule, self.client) = (rule, client) }

    var landed: Bool { hasLanded.withLock { $0 } }

    /// The fault acts now; the event says so, once.
    package func land(_ details: LabEvent.Details) {
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
