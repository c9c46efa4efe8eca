/// Who is logged in by session (DSP0266, Redfish session login authentication).
struct Sessions: Sendable {
    struct Session: Hashable, Sendable {
        var id: String
        var token: String
        var user: String
        var client: String
        var created: String
        /// Since any fixed moment, as the next.
        var begun: Duration
        var lastHeard: Duration
    }

    static let limit = 32
    /// Seconds without a request, as the schema of SessionService allows them.
    static let timeouts = 30...86_400

    /// Seconds.
    var timeout = 1800
    private var next = 1
    private var open: [String: Session] = [:]

    /// Those that are open still, by number.
    mutating func all(at now: Duration) -> [Session] {
        open = open.filter { now - $0.value.lastHeard < .seconds(timeout) }
        return open.values.sorted { ($0.id.count, $0.id) < ($1.id.count, $1.id) }
    }

    /// Nil when there are as many as there may be.
    mutating func begin(_ user: String, from client: String, at now: Duration, time: String) -> Session? {
        guard all(at: now).count < Self.limit else { return nil }
        defer { next += 1 }
        let session = Session(
            id: "\(next)",
            token: Self.token(),
            user: user,
            client: client,
            created: time,
            begun: now,
            lastHeard: now
        )
        open[session.token] = session
        return session
    }

    /// Whose token that is; hearing of it keeps the session open.
    mutating func hear(_ token: String, at now: Duration) -> Session? {
        guard let session = open[token] else { return nil }
        guard now - session.lastHeard < .seconds(timeout) else {
            open[token] = nil
            return nil
        }
        open[token]?.lastHeard = now
        return session
    }

    mutating func end(_ id: String) {
        open = open.filter { $0.value.id != id }
    }

    /// Ends those that a restart of the BMC has ended.
    mutating func end(before restart: Duration) {
        open = open.filter { $0.value.begun >= restart }
    }

    /// Ends every session of a user.
    mutating func endAll(of user: String) {
        open = open.filter { $0.value.user != user }
    }

    /// 256 bits that nobody can guess.
    private static func token() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let word = String(UInt64.random(in: .min ... .max, using: &random), radix: 16)
            return String(repeating: "0", count: 16 - word.count) + word
        }.joined()
    }
}
