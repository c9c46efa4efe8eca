/// Somebody who is logged in.
package struct Session: Sendable {
    package let id: UInt32
    let consoleID: UInt32
    /// A small number for the same, 1 to 63 (IPMI 2.0 §22.20).
    let handle: UInt8
    /// Position of the account, from 0.
    let account: Int
    package let user: String
    /// The highest level that it may raise itself to.
    package let limit: PrivilegeLevel
    package var privilege: PrivilegeLevel
    let cipher: SessionCipher
    var window = SequenceWindow()
    private(set) var sent: UInt32 = 0
    var lastHeard: Duration
    var client: Client
    var replies = ReplyCache()
    /// The log-in's last two messages, kept until the console shows that it has the last.
    var farewell: (question: RAKPMessage3, answer: [UInt8])?

    init(
        _ login: Login,
        account: Int,
        user: Account,
        handle: UInt8,
        limit: PrivilegeLevel,
        cipher: SessionCipher
    ) {
        (id, consoleID, self.handle, client) = (
            login.managedID, login.request.consoleID, handle, login.client
        )
        (self.account, self.user, self.limit, self.cipher) = (account, user.name, limit, cipher)
        // A session starts as a user's, however high it may rise (IPMI 2.0 §6.8).
        privilege = min(.user, limit)
        lastHeard = .zero
    }

    /// The packet's payload, if the console of this session has sent it, and for the first time.
    mutating func accept(
        _ packet: RMCPPlusPacket,
        from client: Client,
        at now: Duration
    ) throws(PacketError) -> [UInt8] {
        let payload = try cipher.open(packet)
        guard window.accept(packet.sequence) else { throw .outsideSequenceWindow }
        (lastHeard, self.client) = (now, client)
        if farewell != nil { farewell = nil }
        return payload
    }

    /// The datagram that takes a message to the console, and where it goes.
    mutating func seal(_ message: [UInt8]) throws(PacketError) -> ([UInt8], to: Client, user: String) {
        // Never 0 (IPMI 2.0 §6.12.9).
        sent = sent == .max ? 1 : sent + 1
        return (try cipher.seal(.message, message, session: consoleID, sequence: sent), client, user)
    }
}
