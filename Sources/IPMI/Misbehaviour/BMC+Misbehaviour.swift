// How a BMC is made to misbehave, and where that is felt.
extension BMC {
    /// Misbehaves from now on, in that way too.
    package mutating func misbehave(
        _ misbehaviour: Misbehaviour,
        by author: Misbehaviour.Author,
        at now: Duration,
        machine: MachineState
    ) {
        misbehaving.set(misbehaviour, by: author, at: now)
        misbehaving.look(machine.isPowered, at: now)
        if case .coldReset = misbehaviour { sessions.closeAll() }
        heedMisbehaviours()
    }

    /// Takes back what an author set, all of it or one kind.
    package mutating func behave(_ kind: String? = nil, by author: Misbehaviour.Author) {
        misbehaving.remove(kind, by: author)
        heedMisbehaviours()
    }

    /// What it does wrong at present.
    package var misbehaviours: [Misbehaving.Entry] { misbehaving.entries }

    /// The power as this BMC reports it, to everybody alike.
    package mutating func reportedPower(_ machine: MachineState, at now: Duration) -> Bool {
        guard misbehaving.isAtWork else { return machine.isPowered }
        return misbehaving.believe(machine.isPowered, at: now, by: nil)
    }

    /// Settings that a misbehaviour replaces.
    private mutating func heedMisbehaviours() {
        sessions.rotatedPassword = misbehaving.rotatedPassword
        sessions.onlySuite = misbehaving.onlySuite
        storage.log.isFullAnyway = misbehaving.find(.eventLogFull) != nil
        if let inlet = sensors.sensors.firstIndex(where: { $0.source == .inlet }) {
            // Beyond what the machine would survive.
            let hot = ForcedReading.value(60)
            if misbehaving.find(.sensorAlarm) != nil {
                sensors.sensors[inlet].forced = hot
            } else if sensors.sensors[inlet].forced == hot {
                sensors.sensors[inlet].forced = nil
            }
        }
        sessions.isFull = misbehaving.find(.noSessions) != nil
        sessions.isVersion15Only = misbehaving.find(.onlyVersion15) != nil
        let lifetime = misbehaving.find { misbehaviour -> Duration?? in
            switch misbehaviour {
            case .bootExpires(let after): .some(after)
            case .bootNeverExpires: .some(nil)
            default: nil
            }
        }
        if let lifetime {
            chassis.boot.lifetime = lifetime.value
        } else {
            chassis.boot.lifetime = BootOptions.standardLifetime
        }
    }

    // MARK: Where it is felt

    /// Takes one datagram.
    package mutating func receive(
        _ datagram: [UInt8],
        from client: Client,
        at now: Duration,
        machine: MachineState
    ) -> [Action] {
        guard misbehaving.isAtWork else { return take(datagram, from: client, at: now, machine: machine) }
        misbehaving.look(machine.isPowered, at: now)
        guard misbehaving.admits(datagram, from: client, at: now) else {
            return misbehaving.pass([], at: now)
        }
        return misbehaving.pass(take(datagram, from: client, at: now, machine: machine), at: now)
    }

    /// The machine has done what a `perform` asked for, or has failed to.
    package mutating func complete(
        _ ticket: Ticket,
        _ completion: CompletionCode,
        at now: Duration
    ) -> [Action] {
        let actions = end(ticket, completion, at: now)
        return misbehaving.isAtWork ? misbehaving.pass(actions, at: now) : actions
    }

    /// Has the machine do something that no session asked for; `Action.settled` tells how it ended, however late.
    package mutating func ask(
        _ operation: Operation,
        at now: Duration,
        machine: MachineState
    ) -> (Ticket, [Action]) {
        guard misbehaving.isAtWork else { return order(operation, at: now, machine: machine) }
        if case .control(.powerUp) = operation, machine.isPowered, misbehaving.fails(on: .onWhenOnFails) {
            let ticket = newTicket()
            return (ticket, misbehaving.pass([.settled(ticket, .notInPresentState)], at: now))
        }
        guard let heeded = misbehaving.heed(operation) else {
            let ticket = newTicket()
            return (ticket, misbehaving.pass([.settled(ticket, .success)], at: now))
        }
        let (ticket, actions) = order(heeded, at: now, machine: machine)
        return (ticket, misbehaving.pass(actions, at: now))
    }

    /// Ends what has lasted too long.
    package mutating func advance(to now: Duration) -> [Action] {
        guard misbehaving.isAtWork else { return expire(at: now) }
        var actions = misbehaving.pass(expire(at: now), at: now) + misbehaving.sendLate(at: now)
        if misbehaving.isPowerUpDue(at: now) {
            actions += order(.control(.powerUp), at: now, machine: MachineState(isPowered: false)).1
        }
        return actions
    }

    /// Whether flags lapsed just now that would have changed the next boot.
    mutating func expireBoot(at now: Duration) -> Bool {
        guard chassis.boot.expire(at: now) else { return false }
        bite { if case .bootExpires = $0 { true } else { false } }
        return true
    }

    /// Flags that a well-behaved BMC would have forgotten are honoured.
    mutating func noteLateBoot(at now: Duration) {
        guard let set = chassis.boot.committed, now > set + BootOptions.standardLifetime,
            chassis.boot.selection != nil
        else { return }
        bite { $0 == .bootNeverExpires }
    }

    private mutating func bite(_ isMeant: (Misbehaviour) -> Bool) {
        guard misbehaving.isAtWork,
            let index = misbehaving.entries.lastIndex(where: { isMeant($0.misbehaviour) })
        else { return }
        misbehaving.bite(index)
    }
}
