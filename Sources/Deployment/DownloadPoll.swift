/// Looks at intervals whether a node has its image and counts down, as an Ansible task with `until` and `retries` does.
package struct DownloadPoll: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        case waiting
        case say(String)
        case gaveUp(String)
    }

    private let rules: DownloadRules.Poll
    private var since: Duration
    private var looks = 0

    package init(_ rules: DownloadRules.Poll, since now: Duration) { (self.rules, since) = (rules, now) }

    /// At most one look, when it is due.
    package mutating func look(at now: Duration) -> Outcome {
        guard now - since >= rules.every * (looks + 1) else { return .waiting }
        looks += 1
        let left = rules.times - looks + 1
        guard left > 0 else { return .gaveUp("\(rules.task): not there after \(rules.times) looks") }
        guard looks == 1 || left % 10 == 0 || left <= 3 else { return .waiting }
        return .say("FAILED - RETRYING: \(rules.task) (\(left) retries left).")
    }
}
