/// What a BMC tells of one request that was answered, or of a session that came or went.
///
/// It carries what was on the wire; words are made of it only for whoever wants to read them.
package struct Report: Hashable, Sendable {
    package enum Subject: Hashable, Sendable {
        case request(Request, CompletionCode, [UInt8])
        case sessionOpened(CipherSuite?)
        case sessionRefused(SessionStatus)
        case sessionClosed
        case sessionExpired
    }

    package var subject: Subject
    package var client: Client
    /// Nil outside a session.
    package var session: UInt32?
    package var user: String?
    package var privilege: PrivilegeLevel?
    /// How long the machine took for it; zero for what the BMC knows by itself.
    package var took: Duration = .zero
    /// The misbehaviours that made a difference to it.
    package var bites: [String] = []
}

extension Report {
    /// As the standard calls the command, or what became of the session.
    package var command: String {
        switch subject {
        case .request(let request, _, _):
            Command(function: request.function, code: request.code)?.name
                ?? "\(request.function.hexText) \(request.code.hexText)"
        case .sessionOpened: "opened"
        case .sessionRefused: "refused"
        case .sessionClosed: "closed"
        case .sessionExpired: "expired"
        }
    }

    /// What was asked for, in words; nil when the command says it all.
    package var asked: String? {
        switch subject {
        case .request(let request, _, _): Wording(request).asked
        case .sessionOpened(let suite): suite.map { "\($0.rawValue)" }
        case .sessionRefused(let status): status.words
        case .sessionClosed, .sessionExpired: nil
        }
    }

    /// What was answered besides the completion code, in words; nil when nothing was.
    package var answered: String? {
        guard case .request(let request, .success, let data) = subject else { return nil }
        return Wording(request).answered(data)
    }

    /// How it ended, as `0x00 success`; nil for what has no completion code.
    package var completion: String? {
        guard case .request(let request, let completion, _) = subject else { return nil }
        return "\(completion) \(completion.words(to: request))"
    }
}
