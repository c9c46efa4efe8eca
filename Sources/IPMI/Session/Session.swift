/// Somebody who is logged in.
package struct Session: Sendable {
    /// How its packets are protected.
    enum Protection: Sendable {
        case version2(SessionCipher)
        case version15(MessageAuthentication)
    }

    package let id: UInt32
    let consoleID: UInt32
    /// A small number for the same, 1 to 63 (IPMI 2.0 §22.20).
    let handle: UInt8
    let userID: UInt8
    package let user: String
    /// The highest level that it may raise itself to.
    private(set) package var limit: PrivilegeLevel
    package var privilege: PrivilegeLevel
    let protection: Protection
    private var window: SequenceWindow
    private var sent: UInt32
    private(set) var lastHeard: Duration
    private(set) var client: Client
    var replies = ReplyCache()
    /// The log-in's last message and its answer, kept until the console shows that it has the answer.
    var farewell: (question: [UInt8], answer: [UInt8])?
    /// In v1.5: the console's last packet was not authenticated, so answers are not either.
    private var isBare = false

    /// What a log-in has come to.
    struct Start {
        var id: UInt32
        var consoleID: UInt32
        var handle: UInt8
        var user: (id: UInt8, name: [UInt8])
        var limit: PrivilegeLevel
        var client: Client
        var time: Duration
    }

    init(_ start: Start, cipher: SessionCipher) {
        self.init(start, .version2(cipher), SequenceWindow(), sent: 0)
    }

    /// A session of v1.5, in which either side has chosen the other's first number.
    init(_ start: Start, _ authentication: MessageAuthentication, firstIn: UInt32, firstOut: UInt32) {
        let window = SequenceWindow(after: firstIn &- 1, reach: SequenceWindow.reachOfVersion15)
        self.init(start, .version15(authentication), window, sent: firstOut &- 1)
    }

    private init(_ start: Start, _ protection: Protection, _ window: SequenceWindow, sent: UInt32) {
        (id, consoleID, handle, limit) = (start.id, start.consoleID, start.handle, start.limit)
        (userID, user) = (start.user.id, String(decoding: start.user.name, as: UTF8.self))
        // A session starts as a user's, however high it may rise (IPMI 2.0 §6.8).
        privilege = min(.user, start.limit)
        (client, lastHeard) = (start.client, start.time)
        (self.protection, self.window, self.sent) = (protection, window, sent)
    }

    /// IPMI v2.0 as opposed to v1.5.
    var isVersion2: Bool { if case .version2 = protection { true } else { false } }

    /// Nil in v1.5, which knows no payloads but messages.
    var suite: CipherSuite? { if case .version2(let cipher) = protection { cipher.suite } else { nil } }

    /// What it does with more than `level`, it does no longer.
    mutating func lower(to level: PrivilegeLevel) {
        limit = min(limit, level)
        privilege = min(privilege, level)
    }

    // MARK: Packets

    /// The packet's payload, if the console of this session has sent it, and for the first time.
    mutating func accept(
        _ packet: RMCPPlusPacket,
        from client: Client,
        at now: Duration
    ) throws(PacketError) -> [UInt8] {
        guard case .version2(let cipher) = protection else { throw .wrongProtection }
        let payload = try cipher.open(packet)
        guard window.accept(packet.sequence) else { throw .outsideSequenceWindow }
        heard(client, now)
        return payload
    }

    /// The same for a packet of v1.5, which may come bare where the channel's settings say so.
    mutating func accept(
        _ packet: V15Packet,
        bare isAllowedBare: Bool,
        from client: Client,
        at now: Duration
    ) throws(PacketError) -> [UInt8] {
        guard case .version15(let authentication) = protection else { throw .wrongProtection }
        let isBare = packet.type == .none
        guard isBare ? isAllowedBare : packet.type == authentication.type else { throw .wrongProtection }
        guard isBare || authentication.verify(packet) else { throw .wrongIntegrityCode }
        guard window.accept(packet.sequence) else { throw .outsideSequenceWindow }
        self.isBare = isBare
        heard(client, now)
        return packet.payload
    }

    private mutating func heard(_ client: Client, _ now: Duration) {
        (lastHeard, self.client) = (now, client)
        if farewell != nil { farewell = nil }
    }

    /// The next number of a packet to the console; never 0 (IPMI 2.0 §6.12.9).
    mutating func nextSequence() -> UInt32 {
        sent = sent == .max ? 1 : sent + 1
        return sent
    }

    /// The datagram that takes characters to the console.
    mutating func seal(_ packet: SOLPacket, encrypting: Bool) throws(PacketError) -> [UInt8] {
        guard case .version2(let cipher) = protection else { throw .wrongProtection }
        return try cipher.seal(
            .sol,
            packet.encoded,
            session: consoleID,
            sequence: nextSequence(),
            encrypting: encrypting
        )
    }

    /// The datagram that takes a message to the console, and where it goes.
    mutating func seal(_ message: [UInt8]) throws(PacketError) -> ([UInt8], to: Client) {
        let sequence = nextSequence()
        switch protection {
        case .version2(let cipher):
            return (try cipher.seal(.message, message, session: consoleID, sequence: sequence), client)
        case .version15 where isBare:
            let packet = V15Packet(type: .none, sequence: sequence, session: id, code: [], payload: message)
            return (packet.encoded, client)
        case .version15(let authentication):
            return (authentication.seal(message, session: id, sequence: sequence), client)
        }
    }
}
