/// The last message of a log-in, and what it came to, for whoever reads the trace.
struct LogInEnd {
    private let message: RAKPMessage3
    private let user: String?
    private let isRepetition: Bool

    /// Before the message takes effect; nil for one that is none.
    init?(_ packet: RMCPPlusPacket, _ sessions: SessionTable) {
        guard let message = RAKPMessage3(decoding: packet.payload) else { return nil }
        self.message = message
        if case .challenged(_, let question, _, _) = sessions.logins[message.managedID]?.state {
            user = String(decoding: question.name, as: UTF8.self)
        } else {
            user = nil
        }
        isRepetition = sessions[message.managedID] != nil
    }

    /// The session that it opened; nil when it did not, or not just now.
    func opened(_ sessions: SessionTable) -> Report? {
        guard !isRepetition, let session = sessions[message.managedID] else { return nil }
        return BMC.report(.sessionOpened(session.suite), session)
    }

    /// Why the console gave up; nil when it did not.
    func givenUp(by client: Client) -> Report? {
        guard message.status != 0, let status = SessionStatus(rawValue: message.status) else { return nil }
        return Report(subject: .sessionRefused(status), client: client, user: user)
    }
}
