/// Who is logged in and who is about to be: the session state machine of RMCP+ (IPMI 2.0 §13.14 to §13.23).
package struct SessionTable: Sendable {
    /// How many sessions there may be, and how long they last unheard.
    package struct Limits: Sendable {
        /// 63 is the standard's maximum (IPMI 2.0 §22.20).
        package var sessions = 32
        /// Log-ins at a time; more make the oldest give way, never those who are logged in.
        package var logins = 64
        /// IPMI 2.0 §6.12.15, session inactivity time-out.
        package var idle: Duration = .seconds(60)
        package var login: Duration = .seconds(5)
        package init() {}
    }

    let limits: Limits
    private let configuredSuites: [CipherSuite]
    /// The one suite that there is, whatever was configured.
    var onlySuite: CipherSuite?
    /// What every user's password is, whatever the accounts say.
    var rotatedPassword: String?
    /// Whether it tells nobody that it speaks v2.0.
    var isVersion15Only = false
    let accounts: [Account]
    let guid: [UInt8]
    private(set) var logins: [UInt32: Login] = [:]
    private(set) var sessions: [UInt32: Session] = [:]
    /// When something here ends by itself, or earlier; nil when nothing does.
    ///
    /// A session that speaks lives longer than this says, so that no packet has to look at all sessions.
    private(set) var nextDeadline: Duration?

    init(accounts: [Account], guid: [UInt8], suites: [CipherSuite], limits: Limits) {
        (self.accounts, self.guid, configuredSuites, self.limits) = (accounts, guid, suites, limits)
    }

    /// An answer, and why the log-in ended there if it did.
    struct Answer {
        var type: RMCPPlusPacket.Payload
        var payload: [UInt8]
        var refusal: (SessionStatus, user: String?)?
    }

    subscript(_ id: UInt32) -> Session? {
        _read { yield sessions[id] }
        _modify { yield &sessions[id] }
    }

    /// The payload of a packet of some session.
    mutating func accept(
        _ packet: RMCPPlusPacket,
        from client: Client,
        at now: Duration
    ) throws(PacketError) -> [UInt8] {
        guard let index = sessions.index(forKey: packet.session) else { throw .unknownSession }
        return try sessions.values[index].accept(packet, from: client, at: now)
    }

    var suites: [CipherSuite] { onlySuite.map { [$0] } ?? configuredSuites }

    /// Sessions in the order of their handles.
    var inOrder: [Session] { sessions.values.sorted { $0.handle < $1.handle } }

    mutating func close(_ id: UInt32) {
        sessions[id] = nil
        if sessions.isEmpty, logins.isEmpty { nextDeadline = nil }
    }

    /// Everybody is out, and everybody who was about to be in.
    mutating func closeAll() { (sessions, logins, nextDeadline) = ([:], [:], nil) }

    // MARK: Logging in

    /// Answers an Open Session Request; nil for one that is none.
    mutating func open(
        _ payload: ArraySlice<UInt8>,
        from client: Client,
        at now: Duration,
        using random: inout some RandomNumberGenerator
    ) -> Answer? {
        guard let request = OpenSessionRequest(decoding: payload) else { return nil }
        if let known = logins.values.first(where: { $0.repeats(request, from: client) }) {
            return Answer(type: .openSessionResponse, payload: known.response)
        }
        do throws(SessionStatus) {
            let suite = try request.suite(among: suites)
            let maximum = try maximum(request.privilege)
            guard sessions.count < limits.sessions else { throw .insufficientResources }
            if logins.count >= limits.logins { giveWay() }
            let login = Login(
                request: request,
                managedID: freeID(using: &random),
                suite: suite,
                maximum: maximum,
                client: client,
                deadline: now + limits.login
            )
            logins[login.managedID] = login
            note(login.deadline)
            return Answer(type: .openSessionResponse, payload: login.response)
        } catch {
            return Answer(type: .openSessionResponse, payload: request.refusal(error), refusal: (error, nil))
        }
    }

    private func maximum(_ wish: UInt8) throws(SessionStatus) -> PrivilegeLevel {
        // 0 asks for the highest level that the algorithms allow (IPMI 2.0 §13.17).
        if wish == 0 { return .administrator }
        guard let level = PrivilegeLevel(rawValue: wish) else { throw .invalidRole }
        return level
    }

    /// Answers RAKP message 1; nil for one that is none.
    mutating func challenge(
        _ payload: ArraySlice<UInt8>,
        using random: inout some RandomNumberGenerator
    ) -> Answer? {
        guard let message = RAKPMessage1(decoding: payload) else { return nil }
        guard var login = logins[message.managedID] else {
            return refusal(of: message, .invalidSessionID, consoleID: 0)
        }
        switch login.state {
        case .challenged(message, _, let exchange):
            return Answer(type: .rakp2, payload: message.reply(exchange))
        case .opened, .challenged: break
        }
        do throws(SessionStatus) {
            let account = try message.account(among: accounts, upTo: login.maximum)
            let exchange = KeyExchange(
                suite: login.suite,
                consoleID: login.request.consoleID,
                managedID: login.managedID,
                consoleRandom: message.random,
                managedRandom: randomBytes(using: &random),
                guid: guid,
                role: message.role,
                name: message.name,
                password: Array((rotatedPassword ?? accounts[account].password).utf8)
            )
            login.state = .challenged(message, account: account, exchange)
            logins[login.managedID] = login
            return Answer(type: .rakp2, payload: message.reply(exchange))
        } catch {
            logins[login.managedID] = nil
            return refusal(of: message, error, consoleID: login.request.consoleID)
        }
    }

    private func refusal(of message: RAKPMessage1, _ status: SessionStatus, consoleID: UInt32) -> Answer {
        Answer(
            type: .rakp2,
            payload: message.refusal(status, consoleID: consoleID),
            refusal: (status, String(decoding: message.name, as: UTF8.self))
        )
    }

    /// Answers RAKP message 3; nil when there is nothing to say.
    mutating func activate(_ payload: ArraySlice<UInt8>, from client: Client, at now: Duration) -> Answer? {
        guard let message = RAKPMessage3(decoding: payload) else { return nil }
        if let (question, answer) = sessions[message.managedID]?.farewell, question == message {
            return Answer(type: .rakp4, payload: answer)
        }
        guard let login = logins.removeValue(forKey: message.managedID) else {
            return refusal(of: message, .invalidSessionID, consoleID: 0, user: nil)
        }
        // The console has given up and expects no answer.
        guard message.status == 0 else { return nil }
        let consoleID = login.request.consoleID
        switch login.state {
        case .opened:
            // Its proof cannot be right: nothing was asked.
            return refusal(of: message, .invalidSessionID, consoleID: consoleID, user: nil)
        case .challenged(let question, let account, let exchange):
            let user = accounts[account]
            guard constantTimeEqual(message.proof, exchange.consoleProof) else {
                return refusal(
                    of: message,
                    .invalidIntegrityCheckValue,
                    consoleID: consoleID,
                    user: user.name
                )
            }
            guard let handle = freeHandle, let role = question.privilege else {
                return refusal(of: message, .insufficientResources, consoleID: consoleID, user: user.name)
            }
            let key = exchange.sessionIntegrityKey
            var session = Session(
                login,
                account: account,
                user: user,
                handle: handle,
                limit: min(role, user.limit),
                cipher: SessionCipher(exchange, key)
            )
            let answer = message.reply(.success, consoleID: consoleID, proof: exchange.finalProof(key))
            (session.lastHeard, session.client) = (now, client)
            session.farewell = (message, answer)
            sessions[session.id] = session
            note(now + limits.idle)
            return Answer(type: .rakp4, payload: answer)
        }
    }

    private func refusal(
        of message: RAKPMessage3,
        _ status: SessionStatus,
        consoleID: UInt32,
        user: String?
    ) -> Answer {
        Answer(type: .rakp4, payload: message.reply(status, consoleID: consoleID), refusal: (status, user))
    }

    // MARK: Limits

    mutating func expire(at now: Duration) {
        guard let deadline = nextDeadline, deadline <= now else { return }
        for (id, login) in logins where login.deadline <= now { logins[id] = nil }
        for (id, session) in sessions where session.lastHeard + limits.idle <= now { sessions[id] = nil }
        nextDeadline = nil
        for login in logins.values { note(login.deadline) }
        for session in sessions.values { note(session.lastHeard + limits.idle) }
    }

    private mutating func note(_ deadline: Duration) {
        nextDeadline = nextDeadline.map { min($0, deadline) } ?? deadline
    }

    /// Drops a log-in to make room: the oldest one of the address that has the most, so that one address that
    /// begins and never ends cannot keep the others out.
    private mutating func giveWay() {
        let counts = Dictionary(logins.values.map { ($0.client.address, 1) }, uniquingKeysWith: +)
        let victim = logins.values.max {
            (counts[$0.client.address] ?? 0, $1.deadline) < (counts[$1.client.address] ?? 0, $0.deadline)
        }
        if let victim { logins[victim.managedID] = nil }
    }

    private var freeHandle: UInt8? {
        let taken = Set(sessions.values.map(\.handle))
        return (1...UInt8(clamping: min(63, limits.sessions))).first { !taken.contains($0) }
    }

    private func freeID(using random: inout some RandomNumberGenerator) -> UInt32 {
        while true {
            let id = UInt32.random(in: 1...(.max), using: &random)
            if logins[id] == nil, sessions[id] == nil { return id }
        }
    }
}

/// Sixteen bytes: a random number of RAKP, an initialization vector.
func randomBytes(using random: inout some RandomNumberGenerator) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(16)
    for _ in 0..<2 {
        let number: UInt64 = random.next()
        bytes.append(littleEndian: UInt32(truncatingIfNeeded: number))
        bytes.append(littleEndian: UInt32(truncatingIfNeeded: number >> 32))
    }
    return bytes
}
