// Logging in by IPMI v1.5: a challenge that comes back authenticated (IPMI 2.0 §22.16 and §22.17).
extension SessionTable {
    /// Answers Get Session Challenge.
    mutating func challengeVersion15(
        _ data: [UInt8],
        from client: Client,
        at now: Duration,
        using random: inout some RandomNumberGenerator
    ) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 1 + Account.longestName else { throw CompletionFailure(.wrongLength) }
        guard let type = AuthenticationType(rawValue: data[0] & 0x0F), authenticationTypes.allow(type) else {
            throw CompletionFailure(.invalidField)
        }
        let name = data[1...].prefix { $0 != 0 }
        let named = users.named(name).first { $0.user.password.count == User.shortPassword }
        guard let named, let authentication = MessageAuthentication(type, password: password(of: named.user))
        else { throw CompletionFailure(name.isEmpty ? .nullUserDisabled : .invalidUserName) }
        let challenge = randomBytes(using: &random)
        let state = Login.State.challengedVersion15(challenge, user: named.id, authentication)
        let login = begin(state, from: client, at: now, using: &random)
        var answer: [UInt8] = []
        answer.append(littleEndian: login.managedID)
        return answer + challenge
    }

    /// What became of Activate Session.
    struct Activation {
        var completion: CompletionCode
        var user: String
        var datagram: [UInt8]
        /// The session that it opened, just now.
        var opened: UInt32?
    }

    /// Answers Activate Session, also once more; nil when the packet is not about a log-in.
    ///
    /// Who does not know the password is told nothing: the packet is dropped.
    mutating func activateVersion15(
        _ packet: V15Packet,
        from client: Client,
        at now: Duration,
        using random: inout some RandomNumberGenerator
    ) throws(PacketError) -> Activation? {
        if let again = sessions[packet.session]?.activatedAgain(by: packet) { return again }
        guard let login = logins[packet.session],
            case .challengedVersion15(let challenge, let id, let authentication) = login.state
        else { return nil }
        guard packet.sequence == 0 else { throw .outsideSequenceWindow }
        guard authentication.verify(packet) else { throw .wrongIntegrityCode }
        let request = try Request(decoding: packet.payload)
        let user = String(decoding: users[id]?.name ?? [], as: UTF8.self)
        do throws(CompletionFailure) {
            guard Command(function: request.function, code: request.code) == .app(.activateSession) else {
                throw CompletionFailure(.insufficientPrivilege)
            }
            let wish = try Wish(request.data, challenge: challenge)
            guard authenticationTypes.allow(authentication.type, for: wish.level) else {
                throw CompletionFailure(.exceedsActivationLimit)
            }
            let firstIn = UInt32.random(in: 1...(.max), using: &random)
            var session = Session(
                try start(wish, login, user: id, from: client, at: now),
                authentication,
                firstIn: firstIn,
                firstOut: wish.firstOut
            )
            var answer = [access.isPerMessageAuthenticationDisabled ? 0 : authentication.type.rawValue]
            answer.append(littleEndian: session.id)
            answer.append(littleEndian: firstIn)
            answer.append(wish.level.rawValue)
            let datagram = authentication.seal(
                request.encodedResponse(.success, answer),
                session: session.id,
                sequence: session.nextSequence()
            )
            session.farewell = (request.data, answer)
            logins[packet.session] = nil
            begin(session)
            return Activation(completion: .success, user: user, datagram: datagram, opened: session.id)
        } catch {
            let message = request.encodedResponse(error.code, [])
            let datagram = authentication.seal(message, session: packet.session, sequence: 0)
            return Activation(completion: error.code, user: user, datagram: datagram)
        }
    }

    /// What Activate Session asks for.
    private struct Wish {
        var level: PrivilegeLevel
        /// The number that the BMC's first packet shall have.
        var firstOut: UInt32

        init(_ data: [UInt8], challenge: [UInt8]) throws(CompletionFailure) {
            guard data.count == 22 else { throw CompletionFailure(.wrongLength) }
            guard let level = PrivilegeLevel(rawValue: data[1] & 0x0F), data[2..<18].elementsEqual(challenge)
            else { throw CompletionFailure(.invalidField) }
            (self.level, firstOut) = (level, data.littleEndian32(at: 18))
            guard firstOut != 0 else { throw CompletionFailure(.sequenceOutOfRange) }
        }
    }

    private func start(
        _ wish: Wish,
        _ login: Login,
        user id: UInt8,
        from client: Client,
        at now: Duration
    ) throws(CompletionFailure) -> Session.Start {
        guard let user = users[id], let level = user.level, wish.level <= min(level, access.limit) else {
            throw CompletionFailure(.exceedsActivationLimit)
        }
        guard !isFull, sessions.count < limits.sessions, let handle = freeHandle else {
            throw CompletionFailure(.noSessionSlot)
        }
        guard hasRoom(for: user, id) else { throw CompletionFailure(.noSlotForUser) }
        return Session.Start(
            id: login.managedID,
            consoleID: login.managedID,
            handle: handle,
            user: (id, user.name),
            limit: wish.level,
            client: client,
            time: now
        )
    }
}

extension Session {
    /// The answer to a repeated Activate Session, whose first answer was lost.
    fileprivate mutating func activatedAgain(by packet: V15Packet) -> SessionTable.Activation? {
        guard packet.sequence == 0, let (question, answer) = farewell,
            case .version15(let authentication) = protection, authentication.verify(packet)
        else { return nil }
        // What cannot be read is dropped further on.
        guard let request = try? Request(decoding: packet.payload), request.data == question else {
            return nil
        }
        let datagram = authentication.seal(
            request.encodedResponse(.success, answer),
            session: id,
            sequence: nextSequence()
        )
        return SessionTable.Activation(completion: .success, user: user, datagram: datagram)
    }
}
