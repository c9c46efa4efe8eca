// What the BMC does to the machine by itself.
extension BMC {
    /// What the watchdog has come to by then (IPMI 2.0 §27).
    mutating func fireWatchdog(at now: Duration) -> [Action] {
        watchdog.advance(to: now)
            .flatMap { event in
                if let event = event.note { note(event, at: now) }
                if let control = event.control { owed = Owed(control: control, time: now, cause: .watchdog) }
                return doWhatIsOwed(at: now)
            }
    }

    /// Does what it is time for, unless the machine is busy: then as soon as it is not.
    mutating func doWhatIsOwed(at now: Duration) -> [Action] {
        guard let owed, owed.time <= now, !isBusy(with: .control(owed.control)) else { return [] }
        let operation = Operation.control(owed.control)
        // A timer that runs, runs for a machine that is on; what a power cycle has cut is off.
        let machine = MachineState(isPowered: owed.control != .powerUp)
        let ticket = begin(operation, for: .itself(owed.cause), at: now, machine: machine)
        return [.perform(chassis.firstStep(of: operation), ticket)]
    }
}
