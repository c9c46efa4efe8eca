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

    /// The next number of a packet to the console; never 0 (IPMI 2.0 §6.12.9).
    mutating func nextSequence() -> UInt32 {
        sent = sent == .max ? 1 : sent + 1
        return sent
    }
}
