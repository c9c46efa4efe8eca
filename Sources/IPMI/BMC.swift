/// One BMC as a value: datagrams, outcomes and time in, actions out.
///
/// It has no socket, no clock and no machine: `now` is the time since any fixed moment, `machine` what the machine
/// is at that time.
///
///     var bmc = BMC(Inventory(guid: guid), accounts: [Account(name: "root", password: "root")])
///     for action in bmc.receive(datagram, from: client, at: now, machine: MachineState(isPowered: true)) {
///         if case .send(let answer, let client) = action { … }
///     }
package struct BMC: Sendable {
    var sessions: SessionTable
    var application: ApplicationDevice
    var payloads = PayloadDevice()
    var watchdog = Watchdog()
    var chassis = ChassisDevice()
    var sensors: SensorDevice
    var storage: StorageDevice
    var transport: TransportDevice
    var dcmi: DCMIDevice
    var pending: [Ticket: Pending] = [:]
    var nextTicket: UInt64 = 1
    var misbehaving = Misbehaving()
    var owed: Owed?
    /// Whether there is a serial port for SOL to be about.
    package var hasSerialPort: Bool {
        get { transport.sol.hasPort }
        set { transport.sol.hasPort = newValue }
    }
    /// The UDP port that it is reached at.
    package var port: UInt16 {
        get { transport.sol.port }
        set { transport.sol.port = newValue }
    }
    /// How long it is away when it restarts.
    package var downtime = Downtime()
    package internal(set) var offlineUntil: Duration?
    /// Whether anybody reads what it reports.
    package var isTraced = true
    var random: any RandomNumberGenerator & Sendable

    /// How long an answer may wait for the machine: longer, and consoles have given up.
    package static let patience: Duration = .seconds(4)

    /// Something that the machine was asked to do.
    struct Pending: Sendable {
        var operation: Operation
        var asker: Asker
        /// When a session is told that it takes too long; nil for whoever waits to the end.
        var deadline: Duration?
        /// When it was asked.
        var asked: Duration
        /// What the machine was when it was asked.
        var wasPowered: Bool
        var isAnswered = false
    }

    /// Who wants to know how it ends.
    enum Asker: Sendable {
        case session(UInt32, Request)
        /// Whoever runs the BMC, who is told by `Action.settled`.
        case owner
        /// The BMC, which needs not be told.
        case itself(RestartCause)

        var isOwner: Bool { if case .owner = self { true } else { false } }

        /// Why the machine boots when it does because of that.
        var cause: RestartCause {
            switch self {
            case .session, .owner: .chassisControl
            case .itself(let cause): cause
            }
        }
    }

    /// What the BMC has to do to the machine, when it is time and the machine is not busy.
    struct Owed: Sendable {
        var control: ChassisControl
        var time: Duration
        var cause: RestartCause
    }

    /// A BMC that nobody has talked to yet.
    package init(
        _ inventory: Inventory,
        accounts: [Account],
        suites: [CipherSuite] = CipherSuite.standard,
        limits: SessionTable.Limits = SessionTable.Limits(),
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        sessions = SessionTable(accounts: accounts, guid: inventory.guid, suites: suites, limits: limits)
        application = ApplicationDevice(guid: inventory.guid, identity: inventory.identity)
        sensors = SensorDevice(inventory)
        storage = StorageDevice(inventory)
        transport = TransportDevice(inventory)
        dcmi = DCMIDevice(inventory)
        self.random = random
    }

    // MARK: What the machine says

    /// The machine begins a boot: what it shall boot from, unless that is left to its firmware.
    package mutating func boots(_ cause: RestartCause, at now: Duration) -> BootFlags? {
        _ = expireBoot(at: now)
        noteLateBoot(at: now)
        watchdog.stop(at: now)
        chassis.power.observe(true, at: now)
        let flags = chassis.boots(cause)
        note(.booted(chassis.restartCause), at: now)
        return flags
    }

    /// Something happened to the machine: the event log has it from now on.
    package mutating func note(_ event: PlatformEvent, at now: Duration) {
        sensors.note(event, at: now, &storage.log)
        switch event {
        case .poweredOn: chassis.power.observe(true, at: now)
        case .poweredOff:
            chassis.power.observe(false, at: now)
            watchdog.stop(at: now)
        case .booted, .link, .watchdog: break
        }
    }

    /// What the machine does when power comes back.
    package var powerRestorePolicy: PowerRestorePolicy {
        get { chassis.policy }
        set { chassis.policy = newValue }
    }

    mutating func end(
        _ ticket: Ticket,
        _ completion: CompletionCode,
        at now: Duration
    ) -> [Action] {
        guard let done = pending.removeValue(forKey: ticket) else { return [] }
        if completion == .success {
            switch done.operation {
            case .control(let control):
                chassis.succeeded(control, wasPowered: done.wasPowered, cause: done.asker.cause)
                if control == .powerDown || control == .powerCycle { watchdog.stop(at: now) }
                if control == .powerCycle, chassis.cycleInterval > .zero {
                    let time = now + chassis.cycleInterval
                    owed = Owed(control: .powerUp, time: time, cause: done.asker.cause)
                }
            case .boot(let flags): chassis.boot.commit(flags, at: now, lasts: done.asker.isOwner)
            case .move(let settings): transport.lan.moved(to: settings)
            }
        } else if case .control(let control) = done.operation {
            chassis.failed(control)
        }
        return (done.isAnswered ? [] : answer(done, ticket, completion, at: now)) + doWhatIsOwed(at: now)
    }

    mutating func order(
        _ operation: Operation,
        at now: Duration,
        machine: MachineState
    ) -> (Ticket, [Action]) {
        if isBusy(with: operation) { return refuse(.nodeBusy) }
        if case .control(let control) = operation {
            guard machine.isPowered || !control.needsPower else { return refuse(.notInPresentState) }
            chassis.boot.chassisControlCame(at: now)
        }
        let ticket = begin(operation, for: .owner, at: now, machine: machine)
        return (ticket, [.perform(chassis.firstStep(of: operation), ticket)])
    }

    private mutating func refuse(_ completion: CompletionCode) -> (Ticket, [Action]) {
        let ticket = newTicket()
        return (ticket, [.settled(ticket, completion)])
    }

    // MARK: Time

    /// When `advance` must be called at the latest; nil when nothing will happen by itself.
    package var nextDeadline: Duration? {
        var deadline = sessions.nextDeadline
        func consider(_ other: Duration?) {
            guard let other else { return }
            deadline = deadline.map { min($0, other) } ?? other
        }
        for waiting in pending.values where !waiting.isAnswered { consider(waiting.deadline) }
        consider(chassis.boot.expiry)
        consider(filterTime)
        if misbehaving.isAtWork { consider(misbehaving.nextDeadline) }
        consider(watchdog.deadline)
        if let owed, !isBusy(with: .control(owed.control)) { consider(owed.time) }
        consider(consoleDeadline)
        if case .temporary(let end) = chassis.identification { consider(end) }
        return deadline
    }

    mutating func expire(at now: Duration) -> [Action] {
        var actions: [Action] = []
        for (ticket, waiting) in pending where !waiting.isAnswered {
            guard let deadline = waiting.deadline, deadline <= now else { continue }
            pending[ticket]?.isAnswered = true
            actions += answer(waiting, ticket, .timeout, at: now)
        }
        let before = isTraced ? sessions.sessions : [:]
        sessions.expire(at: now)
        for (id, session) in before where sessions[id] == nil {
            actions.append(.report(Self.report(.sessionExpired, session)))
        }
        if expireBoot(at: now) { actions.append(.forgetBoot) }
        if chassis.expireIdentification(at: now) { actions.append(.identify(.off)) }
        actions += fireWatchdog(at: now)
        filterEvents(at: now)
        actions += doWhatIsOwed(at: now)
        actions += advanceConsoles(to: now)
        return actions
    }
}
