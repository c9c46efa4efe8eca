import LabModel

/// What to ask a node's BMC next: the steps in order, each tried so often, the outcome read back if wanted.
///
/// ```swift
/// var plan = PowerPlan(policy.power.steps, policy.power)
/// var next = plan.next(after: nil)   // .run(.bootPXE), .pause(1s), …, .finished or .failed(why)
/// ```
package struct PowerPlan: Sendable {
    package enum Next: Hashable, Sendable {
        case run(PowerCommand)
        /// Wait, then ask again with nil.
        case pause(Duration)
        case finished
        case failed(String)
    }

    private let rules: PowerRules
    private let steps: [PowerStep]
    private var position = 0
    /// How often each step was refused; the last one is the reading back.
    private var failures: [Int: Int] = [:]
    /// How often the node was still off although every command was obeyed.
    private var stillOff = 0
    /// What a restart turned out to be, once the power state is known.
    private var restart: PowerCommand?
    private var verifying = false

    package init(_ steps: [PowerStep], _ rules: PowerRules) {
        (self.steps, self.rules) = (steps, rules)
    }

    /// What to do after the answer to the last command; nil to begin and after a pause.
    package mutating func next(after answer: PowerAnswer?) -> Next {
        switch answer {
        case nil: return current()
        case .refused(let why): return failed(why)
        case .power(let state) where verifying: return state == .on ? .finished : repeatPower()
        case .power(let state):
            restart = state == .on ? .powerReset : .powerOn
            return current()
        case .done:
            (position, restart) = (position + 1, nil)
            guard position == steps.count, rules.verify else { return current() }
            verifying = true
            return .pause(rules.settle)
        }
    }

    private func current() -> Next {
        if verifying { return .run(.status) }
        guard position < steps.count else { return .finished }
        switch steps[position] {
        case .powerOn: return .run(.powerOn)
        case .powerReset: return .run(.powerReset)
        case .bootPXE: return .run(.bootPXE)
        case .bootDisk: return .run(.bootDisk)
        case .restart: return .run(restart ?? .status)
        }
    }

    /// A refused reset may mean that the node went off meanwhile, and a power on that timed out (completion code C3h) may
    /// have been obeyed; so a restart looks again.
    private mutating func failed(_ why: String) -> Next {
        let count = failures[position, default: 0] + 1
        failures[position] = count
        guard count < rules.tries else { return .failed("\(name): \(why) (\(count) tries)") }
        if restart != nil { chooseAgain() }
        return .pause(rules.pause)
    }

    /// Back to the boot device: a boot that began unnoticed has used up the choice that held for one.
    private mutating func chooseAgain() {
        restart = nil
        if position > 0, steps[position - 1].choosesDevice { position -= 1 }
    }

    private var name: String { verifying ? "power status" : steps[position].rawValue }

    /// The node is off although its BMC said that it obeyed: the power step again, and what it boots from.
    private mutating func repeatPower() -> Next {
        stillOff += 1
        guard stillOff < rules.tries else { return .failed("still off after \(stillOff) tries") }
        verifying = false
        position = steps.lastIndex { !$0.choosesDevice } ?? steps.count
        chooseAgain()
        return .pause(rules.pause)
    }
}
