/// What a request by Redfish meets instead of, before or on its honest answer.
package struct RedfishTwist: Hashable, Sendable {
    /// How long the answer waits.
    package var delay: Duration = .zero
    /// The status of an error that takes the place of the answer.
    package var error: Int?
    /// It is a change, and is not made.
    package var isPretended = false
    /// A field is not what the schema says.
    package var isMalformed = false
}

extension BMC {
    /// What a request by Redfish meets, and whom that is to be told.
    package mutating func twistRedfish(
        isChange: Bool,
        showsPower: Bool,
        at now: Duration
    ) -> (RedfishTwist, [Action]) {
        var twist = RedfishTwist()
        guard misbehaving.isAtWork else { return (twist, []) }
        for index in misbehaving.entries.indices {
            switch misbehaving.entries[index].misbehaviour {
            case .redfishSlow(let delay): twist.delay = delay
            case .redfishError(let status): twist.error = status
            case .redfishUnchanged where isChange: twist.isPretended = true
            case .redfishMalformed where showsPower: twist.isMalformed = true
            default: continue
            }
            misbehaving.bite(index)
        }
        return (twist, misbehaving.pass([], at: now))
    }

    /// How much longer it takes what Redfish does for its caller, and whom that is to be told.
    package mutating func delayOfTask(at now: Duration) -> (Duration, [Action]) {
        let slow = misbehaving.find { misbehaviour -> Duration? in
            guard case .redfishTaskSlow(let delay) = misbehaviour else { return nil }
            return delay
        }
        guard let (index, delay) = slow else { return (.zero, []) }
        misbehaving.bite(index)
        return (delay, misbehaving.pass([], at: now))
    }
}
