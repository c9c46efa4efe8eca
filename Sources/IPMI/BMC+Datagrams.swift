// How datagrams become requests.
extension BMC {
    /// Takes one datagram.
    package mutating func receive(
        _ datagram: [UInt8],
        from client: Client,
        at now: Duration,
        machine: MachineState
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
                return overdue + (try inSession(packet, from: client, at: now, machine: machine))
            }
        } catch {
            return overdue + [.drop(error)]
        }
    }

    mutating func outsideSession(
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
        guard command.privilege == nil, case .app(let question) = command else {
            return (.insufficientPrivilege, [])
        }
        switch application.execute(question, request.data, by: nil, in: &sessions) {
        case .reply(let completion, let data): return (completion, data)
        case .ask, .close: return (.insufficientPrivilege, [])
        }
    }

    mutating func inSession(
        _ packet: RMCPPlusPacket,
        from client: Client,
        at now: Duration,
        machine: MachineState
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
        switch execute(request, in: session, at: now, machine: machine) {
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
                machine: machine
            )
        case .close(let id):
            let actions = reply(to: request, in: session.id, .success, [])
            sessions.close(id)
            return actions
        }
    }
}
