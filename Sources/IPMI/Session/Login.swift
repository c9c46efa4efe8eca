import Crypto

/// A session that somebody asked for and that is not open yet.
struct Login: Sendable {
    /// How far the log-in has come.
    enum State: Sendable {
        /// The BMC has agreed to a cipher suite.
        case opened
        /// The BMC has sent its proof and waits for the console's.
        case challenged(RAKPMessage1, account: Int, KeyExchange)
    }

    let request: OpenSessionRequest
    let managedID: UInt32
    let suite: CipherSuite
    let maximum: PrivilegeLevel
    let client: Client
    let deadline: Duration
    var state: State = .opened

    /// A second copy of the message that began this log-in.
    func repeats(_ other: OpenSessionRequest, from client: Client) -> Bool {
        guard case .opened = state else { return false }
        return self.client == client && request == other
    }

    var response: [UInt8] { request.response(suite, maximum: maximum, managedID: managedID) }
}
