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
    /// The one suite that there is, whatever was configured.
    var onlySuite: CipherSuite?
    /// What every user's password is, whatever the accounts say.
    var rotatedPassword: String?
    /// Whether it tells nobody that it speaks v2.0.
    var isVersion15Only = false
    /// Has no room for another session, whatever its limits say.
    var isFull = false
    let guid: [UInt8]
    private(set) var users: UserTable
    /// Which suites are on.
    package var cipherSuites: CipherSuites
    /// Which authentication types of v1.5 are on.
    package var authenticationTypes = AuthenticationTypes()
    /// The LAN's settings as they are now, and as they are again when the BMC restarts.
    private(set) var access = ChannelAccess()
    private(set) var storedAccess = ChannelAccess()
    /// K_G: the second key of a two-key log-in (IPMI 2.0 §13.33); all zeros: none.
    var channelKey = [UInt8](repeating: 0, count: channelKeyLength)
    var logins: [UInt32: Login] = [:]
    var sessions: [UInt32: Session] = [:]
    /// Sessions that end as soon as the answer to what ended them is on its way.
    private var ended: [UInt32] = []
    /// When something here ends by itself, or earlier; nil when nothing does.
    ///
    /// A session that speaks lives longer than this says, so that no packet has to look at all sessions.
    private(set) var nextDeadline: Duration?

    static let channelKeyLength = 20

    init(accounts: [Account], guid: [UInt8], suites: [CipherSuite], limits: Limits) {
        (users, self.guid, self.limits) = (UserTable(accounts), guid, limits)
        cipherSuites = CipherSuites(suites)
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

    /// The same for IPMI v1.5.
    mutating func accept(
        _ packet: V15Packet,
        from client: Client,
        at now: Duration
    ) throws(PacketError) -> [UInt8] {
        guard let index = sessions.index(forKey: packet.session) else { throw .unknownSession }
        var isAllowedBare = access.isPerMessageAuthenticationDisabled
        if packet.type == .none, access.isUserLevelAuthenticationDisabled {
            let request = try Request(decoding: packet.payload)
            let level = Command(function: request.function, code: request.code)?.privilege ?? .callback
            isAllowedBare = isAllowedBare || level <= .user
        }
        return try sessions.values[index].accept(packet, bare: isAllowedBare, from: client, at: now)
    }

    /// Sessions in the order of their handles.
    var inOrder: [Session] { sessions.values.sorted { $0.handle < $1.handle } }

    mutating func close(_ id: UInt32) {
        sessions[id] = nil
        if sessions.isEmpty, logins.isEmpty { nextDeadline = nil }
    }

    /// The BMC restarts: everybody is out, and everybody who was about to be in; volatile settings are gone.
    mutating func closeAll() {
        (sessions, logins, nextDeadline) = ([:], [:], nil)
        access = storedAccess
    }

    /// The suites that are on.
    var suites: [CipherSuite] { usedSuites.enabled }

    private var usedSuites: CipherSuites { onlySuite.map { CipherSuites([$0]) } ?? cipherSuites }

    /// What a user must know.
    func password(of user: User) -> [UInt8] {
        rotatedPassword.map { User.filled(Array($0.utf8)) } ?? user.password
    }

    var hasChannelKey: Bool { channelKey.contains { $0 != 0 } }

    // MARK: Users and settings

    /// Changes a user; sessions that the user may no longer have end or sink.
    mutating func set(_ user: User, at id: UInt8) {
        users.set(user, at: id)
        for session in sessions.values where session.userID == id {
            if let level = user.level, id == UserTable.unnamed || !user.name.isEmpty {
                sessions[session.id]?.lower(to: level)
            } else {
                ended.append(session.id)
            }
        }
        logins = logins.filter { $1.user != id }
    }

    /// Changes the LAN's settings; no session stays above the limit.
    mutating func set(access new: ChannelAccess) {
        access = new
        for id in sessions.keys { sessions[id]?.lower(to: new.limit) }
    }

    mutating func set(storedAccess new: ChannelAccess) { storedAccess = new }

    /// Ends the sessions that what was just done has ended.
    mutating func closeEnded() {
        guard !ended.isEmpty else { return }
        for id in ended { close(id) }
        ended = []
    }

    // MARK: Logging in

    /// Answers an Open Session Request; nil for one that is none.
    mutating func open(
        _ payload: ArraySlice<UInt8>,
        from client: Client,
        at now: Duration,
        using random: inout some RandomNumberGenerator
    ) -> Answer? {
        guard let request = OpenSessionRequest(decoding: payload) else { return nil }
        for login in logins.values {
            if let response = login.response(toRepeated: request, from: client) {
                return Answer(type: .openSessionResponse, payload: response)
            }
        }
        do throws(SessionStatus) {
            let wish = try request.level
            let (suite, limit) = try request.suite(in: usedSuites, for: wish)
            guard sessions.count < limits.sessions else { throw .insufficientResources }
            let proposal = Login.Proposal(request: request, suite: suite, maximum: wish ?? limit)
            let login = begin(.opened(proposal), from: client, at: now, using: &random)
            return Answer(type: .openSessionResponse, payload: login.response(proposal))
        } catch {
            return Answer(type: .openSessionResponse, payload: request.refusal(error), refusal: (error, nil))
        }
    }

    mutating func begin(
        _ state: Login.State,
        from client: Client,
        at now: Duration,
        using random: inout some RandomNumberGenerator
    ) -> Login {
        if logins.count >= limits.logins { giveWay() }
        let login = Login(
            managedID: freeID(using: &random),
            client: client,
            deadline: now + limits.login,
            state: state
        )
        logins[login.managedID] = login
        note(login.deadline)
        return login
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
        let proposal: Login.Proposal
        switch login.state {
        case .challenged(_, message, _, let exchange):
            return Answer(type: .rakp2, payload: message.reply(exchange))
        case .opened(let known), .challenged(let known, _, _, _): proposal = known
        case .challengedVersion15: return refusal(of: message, .invalidSessionID, consoleID: 0)
        }
        do throws(SessionStatus) {
            let (id, user) = try message.user(among: users, upTo: min(proposal.maximum, access.limit))
            let exchange = KeyExchange(
                suite: proposal.suite,
                consoleID: proposal.request.consoleID,
                managedID: login.managedID,
                consoleRandom: message.random,
                managedRandom: randomBytes(using: &random),
                guid: guid,
                role: message.role,
                name: message.name,
                password: password(of: user),
                channelKey: hasChannelKey ? channelKey : nil
            )
            login.state = .challenged(proposal, message, user: id, exchange)
            logins[login.managedID] = login
            return Answer(type: .rakp2, payload: message.reply(exchange))
        } catch {
            logins[login.managedID] = nil
            return refusal(of: message, error, consoleID: proposal.request.consoleID)
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
        if let (question, answer) = sessions[message.managedID]?.farewell, payload.elementsEqual(question) {
            return Answer(type: .rakp4, payload: answer)
        }
        guard let login = logins.removeValue(forKey: message.managedID) else {
            return refusal(of: message, .invalidSessionID, consoleID: 0, user: nil)
        }
        // The console has given up and expects no answer.
        guard message.status == 0 else { return nil }
        switch login.state {
        case .opened(let proposal):
            // Its proof cannot be right: nothing was asked.
            return refusal(
                of: message,
                .invalidSessionID,
                consoleID: proposal.request.consoleID,
                user: nil
            )
        case .challengedVersion15:
            return refusal(of: message, .invalidSessionID, consoleID: 0, user: nil)
        case .challenged(let proposal, let question, let id, let exchange):
            let consoleID = proposal.request.consoleID
            let name = String(decoding: question.name, as: UTF8.self)
            guard constantTimeEqual(message.proof, exchange.consoleProof) else {
                return refusal(of: message, .invalidIntegrityCheckValue, consoleID: consoleID, user: name)
            }
            guard let user = users[id], let level = user.level, let role = question.privilege else {
                return refusal(of: message, .unauthorizedName, consoleID: consoleID, user: name)
            }
            guard let handle = freeHandle, hasRoom(for: user, id) else {
                return refusal(of: message, .insufficientResources, consoleID: consoleID, user: name)
            }
            let key = exchange.sessionIntegrityKey
            let start = Session.Start(
                id: login.managedID,
                consoleID: consoleID,
                handle: handle,
                user: (id, user.name),
                limit: min(role, level, access.limit),
                client: client,
                time: now
            )
            var session = Session(start, cipher: SessionCipher(exchange, key))
            let answer = message.reply(.success, consoleID: consoleID, proof: exchange.finalProof(key))
            session.farewell = (Array(payload), answer)
            begin(session)
            return Answer(type: .rakp4, payload: answer)
        }
    }

    mutating func begin(_ session: Session) {
        sessions[session.id] = session
        note(session.lastHeard + limits.idle)
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

    /// Whether the user may have one more session.
    func hasRoom(for user: User, _ id: UInt8) -> Bool {
        user.sessions == 0 || sessions.values.count { $0.userID == id } < user.sessions
    }

    var freeHandle: UInt8? {
        let taken = Set(sessions.values.map(\.handle))
        return (1...UInt8(clamping: min(63, limits.sessions))).first { !taken.contains($0) }
    }

    func freeID(using random: inout some RandomNumberGenerator) -> UInt32 {
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
