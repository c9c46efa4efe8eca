// How one logs in.
extension Misbehaving {
    var rotatedPassword: String? {
        find { misbehaviour -> String? in
            guard case .wrongPassword(let password) = misbehaviour else { return nil }
            return password
        }?.value
    }

    var onlySuite: CipherSuite? {
        find { misbehaviour -> CipherSuite? in
            guard case .onlySuite(let suite) = misbehaviour else { return nil }
            return suite
        }?.value
    }

    /// The answer to a request for a session where none is to be had; nil lets it go its way.
    mutating func refusal(
        of packet: RMCPPlusPacket,
        from client: Client
    ) -> SessionTable.Answer? {
        guard packet.type == .openSessionRequest, let index = find(.noSessions),
            let request = OpenSessionRequest(decoding: packet.payload)
        else { return nil }
        bite(index, client)
        return SessionTable.Answer(
            type: .openSessionResponse,
            payload: request.refusal(.insufficientResources),
            refusal: (.insufficientResources, nil)
        )
    }

    /// Notes what a step of a log-in came to.
    mutating func notes(_ answer: SessionTable.Answer, to client: Client) {
        switch answer.refusal?.0 {
        case nil where answer.type == .rakp2:
            bite(client) { if case .wrongPassword = $0 { true } else { false } }
        case .noCipherSuiteMatch, .invalidAuthenticationAlgorithm, .invalidIntegrityAlgorithm,
            .invalidConfidentialityAlgorithm:
            bite(client) { if case .onlySuite = $0 { true } else { false } }
        default: break
        }
    }

    /// Notes what a log-in of v1.5 came to.
    mutating func notes(_ completion: CompletionCode, to client: Client) {
        if completion == .noSessionSlot { bite(client) { $0 == .noSessions } }
    }

    private mutating func bite(_ client: Client, _ isMeant: (Misbehaviour) -> Bool) {
        if let index = entries.lastIndex(where: { isMeant($0.misbehaviour) }) { bite(index, client) }
    }
}
