/// One BMC as a value: datagrams, outcomes and time in, actions out.
///
/// It has no socket, no clock and no machine: `now` is the time since any fixed moment, `isPowered` what the machine
/// is at that time.
///
///     var bmc = BMC(accounts: [Account(name: "root", password: "root")], guid: guid)
///     for action in bmc.receive(datagram, from: client, at: now, isPowered: true) {
///         if case .send(let answer, let client) = action { … }
///     }
package struct BMC: Sendable {
    private var sessions: SessionTable
    private let application: ApplicationDevice
    private var chassis = ChassisDevice()
    private var pending: [Ticket: Pending] = [:]
    private var nextTicket: UInt64 = 1
    private var random: any RandomNumberGenerator & Sendable

    /// How long an answer may wait for the machine: longer, and consoles have given up.
    package static let patience: Duration = .seconds(4)

    /// A request whose answer waits for the machine.
    private struct Pending: Sendable {
        var operation: Operation
        var request: Request
        var session: UInt32
        var deadline: Duration
        /// What the machine was when it was asked.
        var wasPowered: Bool
        var isAnswered = false
    }

    /// A BMC that nobody has talked to yet.
    ///
    /// `guid` is sixteen bytes that name the machine: the node's UUID from its last byte to its first.
    package init(
        accounts: [Account],
        guid: [UInt8],
        suites: [CipherSuite] = CipherSuite.standard,
        limits: SessionTable.Limits = SessionTable.Limits(),
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        precondition(guid.count == 16)
        sessions = SessionTable(accounts: accounts, guid: guid, suites: suites, limits: limits)
        application = ApplicationDevice(guid: guid)
        self.random = random
    }

    // MARK: What the machine says

    /// The machine begins a boot: what it shall boot from, unless that is left to its firmware.
    package mutating func boots(_ cause: RestartCause, at now: Duration) -> BootFlags? {
        _ = chassis.boot.expire(at: now)
        return chassis.boots(cause)
    }

    /// What the machine does when power comes back.
    package var powerRestorePolicy: PowerRestorePolicy { chassis.policy }

    /// The machine has done what a `perform` asked for, or has failed to.
    package mutating func complete(
        _ ticket: Ticket,
        _ completion: CompletionCode,
        at now: Duration
    ) -> [Action] {
        guard let done = pending.removeValue(forKey: ticket) else { return [] }
        if completion == .success {
            switch done.operation {
            case .control(let control): chassis.succeeded(control, wasPowered: done.wasPowered)
            case .boot(let flags): chassis.boot.commit(flags, at: now)
            }
        } else if case .control(let control) = done.operation {
            chassis.failed(control)
        }
        return done.isAnswered ? [] : answer(done, ticket, completion, at: now)
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
        if case .temporary(let end) = chassis.identification { consider(end) }
        return deadline
    }

    /// Ends what has lasted too long.
    package mutating func advance(to now: Duration) -> [Action] {
        var actions: [Action] = []
        for (ticket, waiting) in pending where !waiting.isAnswered && waiting.deadline <= now {
            pending[ticket]?.isAnswered = true
            actions += answer(waiting, ticket, .timeout, at: now)
        }
        sessions.expire(at: now)
        if chassis.boot.expire(at: now) { actions.append(.forgetBoot) }
        if chassis.expireIdentification(at: now) { actions.append(.identify(.off)) }
        return actions
    }

    // MARK: Datagrams

    /// Takes one datagram.
    package mutating func receive(
        _ datagram: [UInt8],
        from client: Client,
        at now: Duration,
        isPowered: Bool
    ) -> [Action] {
        let overdue = nextDeadline.map { $0 <= now } ?? false ? advance(to: now) : []
        do throws(PacketError) {
            switch try Datagram(decoding: datagram) {
            case .ping(let ping): return overdue + [.send(ping.pong, to: client)]
            case .v15(let packet):
                let request = try Request(decoding: packet.payload)
                return overdue
                    + sessionless(request, from: client) { V15Packet(payload: $0).encoded }
            case .rmcpPlus(let packet) where packet.session == 0:
                return overdue + (try outsideSession(packet, from: client, at: now))
            case .rmcpPlus(let packet):
                return overdue + (try inSession(packet, from: client, at: now, isPowered: isPowered))
            }
        } catch {
            return overdue + [.drop(error)]
        }
    }

    private mutating func outsideSession(
        _ packet: RMCPPlusPacket,
        from client: Client,
        at now: Duration
    )
        throws(PacketError) -> [Action]
    {
        guard !packet.isAuthenticated, !packet.isEncrypted else { throw .wrongProtection }
        let answer: SessionTable.Answer?
        switch packet.type {
        case .message:
            let request = try Request(decoding: Array(packet.payload))
            return sessionless(request, from: client) { RMCPPlusPacket.encode(.message, $0) }
        case .openSessionRequest:
            answer = sessions.open(packet.payload, from: client, at: now, using: &random)
        case .rakp1: answer = sessions.challenge(packet.payload, using: &random)
        case .rakp3: answer = sessions.activate(packet.payload, from: client, at: now)
        case .openSessionResponse, .rakp2, .rakp4: throw .notForUs
        }
        guard let answer else { throw .wrongLength }
        var actions = [Action.send(RMCPPlusPacket.encode(answer.type, answer.payload), to: client)]
        if let (status, user) = answer.refusal {
            actions.append(
                .report(
                    Report(command: "log in", user: user, client: client, completion: status.rawValue)
                )
            )
        }
        return actions
    }

    /// Answers what may be asked before log-in.
    private mutating func sessionless(
        _ request: Request,
        from client: Client,
        packed: ([UInt8]) -> [UInt8]
    ) -> [Action] {
        let (completion, data) = sessionless(request)
        return [
            .send(packed(request.encodedResponse(completion, data)), to: client),
            .report(Self.report(request, nil, client, completion)),
        ]
    }

    private mutating func sessionless(_ request: Request) -> (CompletionCode, [UInt8]) {
        if let failure = Self.addressFailure(request) { return (failure, []) }
        guard let command = Command(function: request.function, code: request.code) else {
            return (.invalidCommand, [])
        }
        guard command.privilege == nil, case .app(let question) = command else {
            return (.insufficientPrivilege, [])
        }
        switch application.execute(question, request.data, by: nil, in: &sessions) {
        case .reply(let completion, let data): return (completion, data)
        case .ask, .close: return (.insufficientPrivilege, [])
        }
    }

    private mutating func inSession(
        _ packet: RMCPPlusPacket,
        from client: Client,
        at now: Duration,
        isPowered: Bool
    ) throws(PacketError) -> [Action] {
        guard let session = sessions[packet.session] else { throw .unknownSession }
        let payload = try session.cipher.open(packet)
        guard sessions[packet.session]?.window.accept(packet.sequence) == true else {
            throw .outsideSequenceWindow
        }
        sessions[packet.session]?.lastHeard = now
        sessions[packet.session]?.client = client
        sessions[packet.session]?.farewell = nil
        guard packet.type == .message else { throw .notForUs }
        let request = try Request(decoding: payload)
        switch session.replies.state(of: request, packet: packet.sequence, at: now) {
        case .pending: throw .alreadyInProgress
        case .done(let completion, let data, _):
            return reply(to: request, in: session.id, completion, data)
        case nil: break
        }
        switch execute(request, in: session, at: now, isPowered: isPowered) {
        case .reply(let completion, let data):
            if Command(function: request.function, code: request.code)?.hasEffect ?? false {
                sessions[session.id]?.replies.keep(
                    request,
                    packet: packet.sequence,
                    .done(completion, data, at: now)
                )
            }
            return identified(request, completion)
                + reply(to: request, in: session.id, completion, data)
        case .ask(let operation):
            return ask(
                operation,
                request,
                packet: packet.sequence,
                in: session.id,
                at: now,
                isPowered: isPowered
            )
        case .close(let id):
            let actions = reply(to: request, in: session.id, .success, [])
            sessions.close(id)
            return actions
        }
    }

    // MARK: Commands

    private mutating func execute(
        _ request: Request,
        in session: Session,
        at now: Duration,
        isPowered: Bool
    )
        -> Outcome
    {
        if let failure = Self.addressFailure(request) { return .reply(failure) }
        guard let command = Command(function: request.function, code: request.code) else {
            return .reply(.invalidCommand)
        }
        if let privilege = command.privilege, session.privilege < privilege {
            return .reply(.insufficientPrivilege)
        }
        switch command {
        case .app(let command):
            return application.execute(command, request.data, by: session.id, in: &sessions)
        case .chassis(let command):
            let open = sessions.sessions
            let context = ChassisDevice.Context(
                session: session.id,
                now: now,
                isPowered: isPowered,
                isOpen: { open[$0] != nil }
            )
            return chassis.execute(command, request.data, context)
        }
    }

    /// There is nothing behind this BMC that it could pass messages to.
    private static func addressFailure(_ request: Request) -> CompletionCode? {
        if request.responder != Request.bmcAddress { return .destinationUnavailable }
        return request.responderUnit == 0 ? nil : .invalidForUnit
    }

    /// Whether the machine is busy with the same kind of thing.
    private func isBusy(with operation: Operation) -> Bool {
        pending.values.contains { waiting in
            switch (waiting.operation, operation) {
            case (.control, .control), (.boot, .boot): true
            case (.control, .boot), (.boot, .control): false
            }
        }
    }

    private mutating func ask(
        _ operation: Operation,
        _ request: Request,
        packet: UInt32,
        in session: UInt32,
        at now: Duration,
        isPowered: Bool
    ) -> [Action] {
        guard !isBusy(with: operation) else { return reply(to: request, in: session, .nodeBusy, []) }
        if case .control(let control) = operation { chassis.begins(control, isPowered: isPowered) }
        let ticket = Ticket(number: nextTicket)
        nextTicket += 1
        pending[ticket] = Pending(
            operation: operation,
            request: request,
            session: session,
            deadline: now + Self.patience,
            wasPowered: isPowered
        )
        sessions[session]?.replies.keep(request, packet: packet, .pending(ticket))
        return [.perform(operation, ticket)]
    }

    private mutating func answer(
        _ waiting: Pending,
        _ ticket: Ticket,
        _ completion: CompletionCode,
        at now: Duration
    ) -> [Action] {
        sessions[waiting.session]?.replies.finish(ticket, completion, at: now)
        return reply(to: waiting.request, in: waiting.session, completion, [])
    }

    private func identified(_ request: Request, _ completion: CompletionCode) -> [Action] {
        guard completion == .success,
            Command(function: request.function, code: request.code) == .chassis(.identify)
        else { return [] }
        return [.identify(chassis.identification)]
    }

    /// The answer, sent to where the session was heard from last, if it is still there.
    private mutating func reply(
        to request: Request,
        in id: UInt32,
        _ completion: CompletionCode,
        _ data: [UInt8]
    ) -> [Action] {
        guard let session = sessions[id], let sequence = sessions[id]?.nextSequence() else { return [] }
        do throws(PacketError) {
            let datagram = try session.cipher.seal(
                .message,
                request.encodedResponse(completion, data),
                session: session.consoleID,
                sequence: sequence,
                vector: randomBytes(using: &random)
            )
            return [
                .send(datagram, to: session.client),
                .report(Self.report(request, session.user, session.client, completion)),
            ]
        } catch {
            return [.drop(error)]
        }
    }

    private static func report(
        _ request: Request,
        _ user: String?,
        _ client: Client,
        _ completion: CompletionCode
    ) -> Report {
        Report(
            command: Command(function: request.function, code: request.code)?.name
                ?? "\(request.function.hexText) \(request.code.hexText)",
            detail: detail(request),
            user: user,
            client: client,
            completion: completion.rawValue
        )
    }

    /// What was asked for in particular, where the command's name does not say it.
    private static func detail(_ request: Request) -> String? {
        guard let first = request.data.first else { return nil }
        switch Command(function: request.function, code: request.code) {
        case .chassis(.control): return ChassisControl(rawValue: first).map { "\($0)" }
        case .chassis(.setBootOptions), .chassis(.getBootOptions): return "parameter \(first & 0x7F)"
        case .app, .chassis, nil: return nil
        }
    }
}
