// How datagrams become requests.
extension BMC {
    mutating func take(
        _ datagram: [UInt8],
        from client: Client,
        at now: Duration,
        machine: MachineState
    ) -> [Action] {
        if isOffline(at: now) { return [.drop(.offline)] }
        chassis.power.observe(machine.isPowered, at: now)
        var actions: [Action] = []
        if let deadline = nextDeadline, deadline <= now { actions = expire(at: now) }
        do throws(PacketError) {
            switch try Datagram(decoding: datagram) {
            case .ping(let ping): actions.append(.send(ping.pong, to: client))
            case .v15(let packet):
                try version15(packet, from: client, at: now, machine: machine, &actions)
            case .rmcpPlus(let packet) where packet.session == 0:
                actions += try outsideSession(packet, from: client, at: now, machine: machine)
            case .rmcpPlus(let packet):
                try inSession(packet, from: client, at: now, machine: machine, &actions)
            }
        } catch {
            actions.append(.drop(error))
        }
        transport.traffic.count(actions)
        return actions
    }

    mutating func outsideSession(
        _ packet: RMCPPlusPacket,
        from client: Client,
        at now: Duration,
        machine: MachineState
    )
        throws(PacketError) -> [Action]
    {
        guard sessions.access.mode != .disabled else { throw .channelDisabled }
        guard !packet.isAuthenticated, !packet.isEncrypted else { throw .wrongProtection }
        let logIn = isTraced && packet.type == .rakp3 ? LogInEnd(packet, sessions) : nil
        var answer = misbehaving.isAtWork ? misbehaving.refusal(of: packet, from: client) : nil
        switch packet.type {
        case _ where answer != nil: break
        case .message:
            let request = try Request(decoding: Array(packet.payload))
            return sessionless(request, from: client, at: now, machine: machine) {
                RMCPPlusPacket.encode(.message, $0)
            }
        case .openSessionRequest:
            answer = sessions.open(packet.payload, from: client, at: now, using: &random)
        case .rakp1: answer = sessions.challenge(packet.payload, using: &random)
        case .rakp3: answer = sessions.activate(packet.payload, from: client, at: now)
        case .openSessionResponse, .rakp2, .rakp4, .sol: throw .notForUs
        }
        guard let answer else {
            // A console that takes no answer says why it gave up.
            if let report = logIn?.givenUp(by: client) { return [.report(report)] }
            throw .wrongLength
        }
        if misbehaving.isAtWork { misbehaving.notes(answer, to: client) }
        var actions = [Action.send(RMCPPlusPacket.encode(answer.type, answer.payload), to: client)]
        guard isTraced else { return actions }
        if let (status, user) = answer.refusal {
            actions.append(.report(Report(subject: .sessionRefused(status), client: client, user: user)))
        } else if let report = logIn?.opened(sessions) {
            actions.append(.report(report))
        }
        return actions
    }

    /// Takes a packet in the format of v1.5: outside a session, to open one, or in one.
    mutating func version15(
        _ packet: V15Packet,
        from client: Client,
        at now: Duration,
        machine: MachineState,
        _ actions: inout [Action]
    ) throws(PacketError) {
        if packet.session == 0 {
            guard packet.type == .none, packet.sequence == 0 else { throw .wrongProtection }
            guard sessions.access.mode != .disabled else { throw .channelDisabled }
            let request = try Request(decoding: packet.payload)
            actions += sessionless(request, from: client, at: now, machine: machine) {
                V15Packet(payload: $0).encoded
            }
        } else if let activation = try sessions.activateVersion15(
            packet,
            from: client,
            at: now,
            using: &random
        ) {
            actions.append(.send(activation.datagram, to: client))
            if misbehaving.isAtWork { misbehaving.notes(activation.completion, to: client) }
            guard isTraced else { return }
            let request = try Request(decoding: packet.payload)
            actions.append(
                .report(
                    Report(
                        subject: .request(request, activation.completion, []),
                        client: client,
                        user: activation.user
                    )
                )
            )
            if let session = activation.opened.flatMap({ sessions[$0] }) {
                actions.append(.report(Self.report(.sessionOpened(nil), session)))
            }
        } else {
            let payload = try sessions.accept(packet, from: client, at: now)
            try handle(payload, packet.session, packet.sequence, at: now, machine: machine, &actions)
        }
    }

    /// Answers what may be asked before log-in.
    mutating func sessionless(
        _ request: Request,
        from client: Client,
        at now: Duration,
        machine: MachineState,
        packed: ([UInt8]) -> [UInt8]
    ) -> [Action] {
        let (completion, data) = sessionless(request, from: client, at: now, machine: machine)
        let answer = Action.send(packed(request.encodedResponse(completion, data)), to: client)
        guard isTraced else { return [answer] }
        return [answer, .report(Report(subject: .request(request, completion, data), client: client))]
    }

    mutating func sessionless(
        _ request: Request,
        from client: Client,
        at now: Duration,
        machine: MachineState
    ) -> (CompletionCode, [UInt8]) {
        if let failure = Self.addressFailure(request) { return (failure, []) }
        guard let command = Command(function: request.function, code: request.code) else {
            return (.invalidCommand, [])
        }
        guard command.privilege == nil else { return (.insufficientPrivilege, []) }
        if command == .dcmi(.getCapabilities) { return DCMIDevice.answerCapabilities(request.data) }
        guard case .app(let question) = command else { return (.insufficientPrivilege, []) }
        let outcome: Outcome
        switch question {
        case .getSessionChallenge:
            outcome = .of { () throws(CompletionFailure) in
                .reply(
                    .success,
                    try sessions.challengeVersion15(request.data, from: client, at: now, using: &random)
                )
            }
        case .activateSession: outcome = .reply(.unknownChallenge)
        default:
            outcome = application.execute(question, request.data, by: nil, in: &sessions, machine: machine)
        }
        switch outcome {
        case .reply(let completion, let data): return (completion, data)
        case .ask, .close, .restart: return (.insufficientPrivilege, [])
        }
    }

    mutating func inSession(
        _ packet: RMCPPlusPacket,
        from client: Client,
        at now: Duration,
        machine: MachineState,
        _ actions: inout [Action]
    ) throws(PacketError) {
        let payload = try sessions.accept(packet, from: client, at: now)
        if packet.type == .sol {
            actions += try serialOverLAN(payload, packet, at: now, machine: machine)
            return
        }
        guard packet.type == .message else { throw .notForUs }
        try handle(payload, packet.session, packet.sequence, at: now, machine: machine, &actions)
    }

    /// Answers the message that a packet of that number has brought.
    mutating func handle(
        _ message: [UInt8],
        _ session: UInt32,
        _ number: UInt32,
        at now: Duration,
        machine: MachineState,
        _ actions: inout [Action]
    ) throws(PacketError) {
        let request = try Request(decoding: message)
        switch sessions[session]?.replies.state(of: request, packet: number, at: now) {
        case .pending: throw .alreadyInProgress
        case .done(let completion, let data, _):
            reply(to: request, in: session, completion, data, &actions)
            return
        case nil: break
        }
        let command = Command(function: request.function, code: request.code)
        switch execute(command, request, in: session, at: now, machine: machine) {
        case .reply(let completion, let data):
            if command?.hasEffect ?? false {
                sessions[session]?.replies.keep(
                    request,
                    packet: number,
                    .done(completion, data, at: now)
                )
            }
            if completion == .success, command == .chassis(.identify) {
                actions.append(.identify(chassis.identification))
            }
            reply(to: request, in: session, completion, data, &actions)
            sessions.closeEnded()
            if command == .payload(.deactivate) { actions += sendFarewells() }
        case .ask(let operation):
            guard !isBusy(with: operation) else {
                reply(to: request, in: session, .nodeBusy, [], &actions)
                return
            }
            let ticket = begin(operation, for: .session(session, request), at: now, machine: machine)
            sessions[session]?.replies.keep(request, packet: number, .pending(ticket))
            actions.append(.perform(chassis.firstStep(of: operation), ticket))
        case .close(let id):
            reply(to: request, in: session, .success, [], &actions)
            if isTraced, let closed = sessions[id] {
                actions.append(.report(Self.report(.sessionClosed, closed)))
            }
            sessions.close(id)
        case .restart(let kind):
            reply(to: request, in: session, .success, [], &actions)
            actions += restart(kind, at: now)
        }
    }
}
