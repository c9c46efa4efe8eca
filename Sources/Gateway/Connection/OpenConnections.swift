import LabModel
import Synchronization

/// Who is talking to the outside world now.
final class OpenConnections: Sendable {
    private struct State {
        var next = 0
        var open: [Int: (party: Party, greeting: Greeting, since: ContinuousClock.Instant)] = [:]
    }

    private let state = Mutex(State())

    /// Counts a connection for as long as `body` serves it.
    func during<Result>(
        _ party: Party,
        _ greeting: Greeting,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        let now = ContinuousClock.now
        let ticket = state.withLock { state in
            state.next += 1
            state.open[state.next] = (party, greeting, now)
            return state.next
        }
        defer { state.withLock { _ = $0.open.removeValue(forKey: ticket) } }
        return try await body()
    }

    /// The oldest first.
    func all(_ reporter: Reporter) -> [OpenConnection] {
        let now = ContinuousClock.now
        return state.withLock { $0.open }.sorted { $0.key < $1.key }.map { _, connection in
            let (party, greeting, since) = connection
            return OpenConnection(
                client: reporter.client(at: party.address).name,
                host: party.name ?? party.destination.map { "\($0.address)" },
                port: party.port,
                speaks: greeting.protocolName,
                seconds: since.duration(to: now).inSeconds
            )
        }
    }
}

/// A connection with the outside world, as a person asks for it.
package struct OpenConnection: Hashable, Sendable, Codable {
    /// The node's name, else the address.
    package var client: String
    /// The server's name, or its address when nobody looked it up; nil for the gateway itself.
    package var host: String?
    package var port: Int
    /// What its first bytes were: `http`, `tls`, `text`, `binary` or `silence`.
    package var speaks: String
    package var seconds: Double

    package init(client: String, host: String?, port: Int, speaks: String, seconds: Double) {
        (self.client, self.host, self.port) = (client, host, port)
        (self.speaks, self.seconds) = (speaks, seconds)
    }
}
