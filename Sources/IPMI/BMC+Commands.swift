// How requests become answers.
extension BMC {
    mutating func execute(
        _ request: Request,
        in session: Session,
        at now: Duration,
        machine: MachineState
    ) -> Outcome {
        if let failure = Self.addressFailure(request) { return .reply(failure) }
        guard let command = Command(function: request.function, code: request.code) else {
            return .reply(.invalidCommand)
        }
        if let privilege = command.privilege, session.privilege < privilege {
            return .reply(.insufficientPrivilege)
        }
        let open = sessions.sessions
        let context = Context(
            session: session.id,
            now: now,
            machine: machine,
            isOpen: { open[$0] != nil }
        )
        return switch command {
        case .app(let command):
            application.execute(command, request.data, by: session.id, in: &sessions)
        case .chassis(let command): chassis.execute(command, request.data, context)
        case .sensor(let command): sensors.execute(command, request.data, context)
        case .storage(let command): storage.execute(command, request.data, context)
        case .transport(let command): transport.execute(command, request.data, context)
        }
    }

    /// There is nothing behind this BMC that it could pass messages to.
    static func addressFailure(_ request: Request) -> CompletionCode? {
        if request.responder != Request.bmcAddress { return .destinationUnavailable }
        return request.responderUnit == 0 ? nil : .invalidForUnit
    }

    /// Whether the machine is busy with the same kind of thing.
    func isBusy(with operation: Operation) -> Bool {
        pending.values.contains { waiting in
            switch (waiting.operation, operation) {
            case (.control, .control), (.boot, .boot): true
            case (.control, .boot), (.boot, .control): false
            }
        }
    }

    mutating func ask(
        _ operation: Operation,
        _ request: Request,
        packet: UInt32,
        in session: UInt32,
        at now: Duration,
        machine: MachineState
    ) -> [Action] {
        guard !isBusy(with: operation) else { return reply(to: request, in: session, .nodeBusy, []) }
        let ticket = begin(operation, for: .session(session, request), at: now, machine: machine)
        sessions[session]?.replies.keep(request, packet: packet, .pending(ticket))
        return [.perform(operation, ticket)]
    }

    /// Notes that the machine is about to do that.
    mutating func begin(
        _ operation: Operation,
        for asker: Asker,
        at now: Duration,
        machine: MachineState
    ) -> Ticket {
        if case .control(let control) = operation { chassis.begins(control, isPowered: machine.isPowered) }
        let ticket = Ticket(number: nextTicket)
        nextTicket += 1
        pending[ticket] = Pending(
            operation: operation,
            asker: asker,
            deadline: now + Self.patience,
            wasPowered: machine.isPowered
        )
        return ticket
    }

    mutating func answer(
        _ waiting: Pending,
        _ ticket: Ticket,
        _ completion: CompletionCode,
        at now: Duration
    ) -> [Action] {
        switch waiting.asker {
        case .owner: return [.settled(ticket, completion)]
        case .session(let session, let request):
            sessions[session]?.replies.finish(ticket, completion, at: now)
            return reply(to: request, in: session, completion, [])
        }
    }

    func identified(_ request: Request, _ completion: CompletionCode) -> [Action] {
        guard completion == .success,
            Command(function: request.function, code: request.code) == .chassis(.identify)
        else { return [] }
        return [.identify(chassis.identification)]
    }

    /// The answer, sent to where the session was heard from last, if it is still there.
    mutating func reply(
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

    static func report(
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
    static func detail(_ request: Request) -> String? {
        guard let first = request.data.first else { return nil }
        switch Command(function: request.function, code: request.code) {
        case .chassis(.control): return ChassisControl(rawValue: first).map { "\($0)" }
        case .chassis(.setBootOptions), .chassis(.getBootOptions): return "parameter \(first & 0x7F)"
        case .app, .chassis, .sensor, .storage, .transport, nil: return nil
        }
    }
}
