// How datagrams become requests.
extension BMC {
    mutating func take(
        _ datagram: [UInt8],
        from client: Client,
        at now: Duration,
        machine: MachineState
    ) -> [Action] {
        var actions: [Action] = []
        if let deadline = nextDeadline, deadline <= now { actions = expire(at: now) }
        do throws(PacketError) {
            switch try Datagram(decoding: datagram) {
            case .ping(let ping): actions.append(.send(ping.pong, to: client))
            case .v15(let packet):
                let request = try Request(decoding: packet.payload)
                actions += sessionless(request, from: client) { V15Packet(payload: $0).encoded }
            case .rmcpPlus(let packet) where packet.session == 0:
                actions += try outsideSession(packet, from: client, at: now)
            case .rmcpPlus(let packet):
                try inSession(packet, from: client, at: now, machine: machine, &actions)
            }
        } catch {
            actions.append(.drop(error))
        }
        return actions
    }

    mutating func outsideSession(
        _ packet: RMCPPlusPacket,
        from client: Client,
        at now: Duration
    )
        throws(PacketError) -> [Action]
    {
        guard !packet.isAuthenticated, !packet.isEncrypted else { throw .wrongProtection }
        var answer = misbehaving.isAtWork ? misbehaving.refusal(of: packet, from: client) : nil
        switch packet.type {
        case _ where answer != nil: break
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
        if misbehaving.isAtWork { misbehaving.notes(answer, to: client) }
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
    mutating func sessionless(
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

    mutating func sessionless(_ request: Request) -> (CompletionCode, [UInt8]) {
        if let failure = Self.addressFailure(request) { return (failure, []) }
        guard let command = Command(function: request.function, code: request.code) else {
            return (.invalidCommand, [])
        }
        guard command.privilege == nil else { return (.insufficientPrivilege, []) }
        if command == .dcmi(.getCapabilities) { return DCMIDevice.answerCapabilities(request.data) }
        guard case .app(let question) = command else { return (.insufficientPrivilege, []) }
        switch application.execute(question, request.data, by: nil, in: &sessions) {
        case .reply(let completion, let data): return (completion, data)
        case .ask, .close: return (.insufficientPrivilege, [])
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
        guard packet.type == .message else { throw .notForUs }
        let request = try Request(decoding: payload)
        let (session, number) = (packet.session, packet.sequence)
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
        case .ask(let operation):
            guard !isBusy(with: operation) else {
                reply(to: request, in: session, .nodeBusy, [], &actions)
                return
            }
            let ticket = begin(operation, for: .session(session, request), at: now, machine: machine)
            sessions[session]?.replies.keep(request, packet: number, .pending(ticket))
            actions.append(.perform(operation, ticket))
        case .close(let id):
            reply(to: request, in: session, .success, [], &actions)
            sessions.close(id)
        }
    }
}
