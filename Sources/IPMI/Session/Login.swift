/// A session that somebody asked for and that is not open yet.
struct Login: Sendable {
    /// How far the log-in has come.
    enum State: Sendable {
        /// The BMC has agreed to a cipher suite.
        case opened(Proposal)
        /// The BMC has sent its proof and waits for the console's.
        case challenged(Proposal, RAKPMessage1, user: UInt8, KeyExchange)
        /// In v1.5: the BMC waits for its challenge to come back, authenticated.
        case challengedVersion15([UInt8], user: UInt8, MessageAuthentication)
    }

    /// What console and BMC have agreed on.
    struct Proposal: Sendable {
        let request: OpenSessionRequest
        let suite: CipherSuite
        let maximum: PrivilegeLevel
    }

    let managedID: UInt32
    let client: Client
    let deadline: Duration
    var state: State

    /// Who logs in, once that is known.
    var user: UInt8? {
        switch state {
        case .opened: nil
        case .challenged(_, _, let user, _), .challengedVersion15(_, let user, _): user
        }
    }

    /// The answer to a second copy of the message that began this log-in.
    func response(toRepeated other: OpenSessionRequest, from client: Client) -> [UInt8]? {
        guard case .opened(let proposal) = state, self.client == client, proposal.request == other else {
            return nil
        }
        return response(proposal)
    }

    func response(_ proposal: Proposal) -> [UInt8] {
        proposal.request.response(proposal.suite, maximum: proposal.maximum, managedID: managedID)
    }
}
