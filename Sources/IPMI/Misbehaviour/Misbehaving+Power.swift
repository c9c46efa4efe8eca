// What the power is said to be, and how long a cycle takes.
extension Misbehaving {
    /// The power as it was at a moment.
    mutating func look(_ isOn: Bool, at now: Duration) {
        guard let power else { return power = (isOn, now) }
        if power.isOn != isOn { self.power = (isOn, now) }
    }

    /// What the BMC takes the power for.
    mutating func believe(_ isOn: Bool, at now: Duration, by client: Client?) -> Bool {
        look(isOn, at: now)
        guard let (index, claim) = claim(isOn, at: now) else { return isOn }
        if claim != isOn { bite(index, client) }
        return claim
    }

    /// What one of those at work has the power be, and which; nil when that is the truth's business.
    func claim(_ isOn: Bool, at now: Duration) -> (index: Int, isOn: Bool)? {
        let changed = power?.since ?? now
        for index in entries.indices.reversed() {
            switch entries[index].misbehaviour {
            case .powerStuck(let state): return (index, state)
            // Changed since this was set, and not so long ago.
            case .powerStale(let time) where changed > entries[index].since && now < changed + time:
                return (index, !isOn)
            default: continue
            }
        }
        return nil
    }

    /// What a control does at once: a slow power cycle is off first, and comes to the rest later.
    mutating func firstHalf(of control: ChassisControl, at now: Duration) -> ChassisControl {
        // Whatever is asked for in between takes the place of the rest.
        powerUp = nil
        let slow = find { misbehaviour -> Duration? in
            guard case .cycleSlow(let off) = misbehaviour else { return nil }
            return off
        }
        guard control == .powerCycle, let (index, off) = slow else { return control }
        bite(index)
        powerUp = now + off
        return .powerDown
    }

    /// Whether a slow power cycle comes to its second half.
    mutating func isPowerUpDue(at now: Duration) -> Bool {
        guard let powerUp, powerUp <= now else { return false }
        self.powerUp = nil
        rest()
        return true
    }
}
