// How requests become answers.
extension BMC {
    mutating func execute(
        _ command: Command?,
        _ request: Request,
        in session: UInt32,
        at now: Duration,
        machine: MachineState
    ) -> Outcome {
        if let failure = Self.addressFailure(request) { return .reply(failure) }
        guard let command else { return .reply(.invalidCommand) }
        if let privilege = command.privilege, sessions[session]?.privilege ?? .callback < privilege {
            return .reply(.insufficientPrivilege)
        }
        guard misbehaving.isAtWork, let client = sessions[session]?.client else {
            return execute(command, request, by: session, at: now, machine: machine)
        }
        if let refusal = misbehaving.refusal(of: command, from: client) { return refusal }
        if command == .payload(.activate), payloads.isTaken(besides: session),
            let refusal = misbehaving.refusalOfSecondConsole(client)
        {
            return refusal
        }
        var believed = machine
        if command == .chassis(.getStatus) || command == .chassis(.control) {
            believed.isPowered = misbehaving.believe(machine.isPowered, at: now, by: client)
        }
        let outcome = execute(command, request, by: session, at: now, machine: believed)
        return misbehaving.twist(outcome, of: command, isPowered: machine.isPowered, from: client)
    }

    private mutating func execute(
        _ command: Command,
        _ request: Request,
        by session: UInt32,
        at now: Duration,
        machine: MachineState
    ) -> Outcome {
        if case .app(let command) = command {
            return application.execute(
                command,
                request.data,
                by: session,
                in: &sessions,
                machine: machine
            )
        }
        let context = Context(
            session: session,
            requester: request.requester,
            now: now,
            machine: machine,
            sessions: sessions.sessions
        )
        return switch command {
        case .app: .reply(.invalidCommand)
        case .payload(let command): payloads.execute(command, request.data, transport.sol, context)
        case .watchdog(let command): watchdog.execute(command, request.data, context)
        case .chassis(let command): chassis.execute(command, request.data, context)
        case .sensor(let command):
            sensors.execute(command, request.data, context, &storage.log)
        case .storage(let command):
            storage.execute(command, request.data, context, &sensors)
        case .transport(let command):
            transport.execute(command, request.data, context, &sessions)
        case .dcmi(let command): dcmi.execute(command, request.data, context, &sensors, &storage)
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
            case (.control, .control), (.boot, .boot), (.move, .move): true
            case (.control, _), (.boot, _), (.move, _): false
            }
        }
    }

    /// Notes that the machine is about to do that.
    mutating func begin(
        _ operation: Operation,
        for asker: Asker,
        at now: Duration,
        machine: MachineState
    ) -> Ticket {
        if case .control(let control) = operation {
            // Whoever asks for something else does not want the rest of the last thing any more.
            owed = nil
            chassis.begins(control, isPowered: machine.isPowered, cause: asker.cause)
        }
        let ticket = newTicket()
        pending[ticket] = Pending(
            operation: operation,
            asker: asker,
            deadline: asker.isOwner ? nil : now + Self.patience,
            asked: now,
            wasPowered: machine.isPowered
        )
        return ticket
    }

    mutating func newTicket() -> Ticket {
        defer { nextTicket += 1 }
        return Ticket(number: nextTicket)
    }

    mutating func answer(
        _ waiting: Pending,
        _ ticket: Ticket,
        _ completion: CompletionCode,
        at now: Duration
    ) -> [Action] {
        switch waiting.asker {
        case .owner: return [.settled(ticket, completion)]
        case .itself: return []
        case .session(let session, let request):
            sessions[session]?.replies.finish(ticket, completion, at: now)
            var actions: [Action] = []
            reply(to: request, in: session, completion, [], &actions, after: now - waiting.asked)
            return actions
        }
    }

    /// The answer, sent to where the session was heard from last, if it is still there.
    mutating func reply(
        to request: Request,
        in id: UInt32,
        _ completion: CompletionCode,
        _ data: [UInt8],
        _ actions: inout [Action],
        after took: Duration = .zero
    ) {
        do throws(PacketError) {
            let message = request.encodedResponse(completion, data)
            guard let (datagram, client) = try sessions[id]?.seal(message) else { return }
            actions.append(.send(datagram, to: client))
            guard isTraced, let session = sessions[id] else { return }
            var report = Self.report(.request(request, completion, data), session)
            report.took = took
            actions.append(.report(report))
        } catch {
            actions.append(.drop(error))
        }
    }

    static func report(_ subject: Report.Subject, _ session: Session) -> Report {
        Report(
            subject: subject,
            client: session.client,
            session: session.id,
            user: session.user,
            privilege: session.privilege
        )
    }
}
