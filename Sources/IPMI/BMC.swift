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
    var chassis = ChassisDevice()
    var sensors: SensorDevice
    var storage: StorageDevice
    var transport: TransportDevice
    var dcmi: DCMIDevice
    var pending: [Ticket: Pending] = [:]
    var nextTicket: UInt64 = 1
    var misbehaving = Misbehaving()
    var random: any RandomNumberGenerator & Sendable

    /// How long an answer may wait for the machine: longer, and consoles have given up.
    package static let patience: Duration = .seconds(4)

    /// Something that the machine was asked to do.
    struct Pending: Sendable {
        var operation: Operation
        var asker: Asker
        /// When a session is told that it takes too long; nil for whoever waits to the end.
        var deadline: Duration?
        /// What the machine was when it was asked.
        var wasPowered: Bool
        var isAnswered = false
    }

    /// Who wants to know how it ends.
    enum Asker: Sendable {
        case session(UInt32, Request)
        /// Whoever runs the BMC, who is told by `Action.settled`.
        case owner

        var isOwner: Bool { if case .owner = self { true } else { false } }
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
        application = ApplicationDevice(guid: inventory.guid)
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
        let flags = chassis.boots(cause)
        note(.booted(chassis.restartCause), at: now)
        return flags
    }

    /// Something happened to the machine: the event log has it from now on.
    package mutating func note(_ event: PlatformEvent, at now: Duration) {
        sensors.note(event, at: now, &storage.log)
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
            case .control(let control): chassis.succeeded(control, wasPowered: done.wasPowered)
            case .boot(let flags): chassis.boot.commit(flags, at: now, lasts: done.asker.isOwner)
            }
        } else if case .control(let control) = done.operation {
            chassis.failed(control)
        }
        return done.isAnswered ? [] : answer(done, ticket, completion, at: now)
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
        return (ticket, [.perform(operation, ticket)])
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
        if misbehaving.isAtWork { consider(misbehaving.nextDeadline) }
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
        sessions.expire(at: now)
        if expireBoot(at: now) { actions.append(.forgetBoot) }
        if chassis.expireIdentification(at: now) { actions.append(.identify(.off)) }
        return actions
    }
}
