/// Connections to the outside that are refused before they stand, as by a host where nobody listens.
package struct Refusal: Sendable, Identifiable {
    /// Which of them are, counted in the order of their first packets.
    package enum Turns: Hashable, Sendable {
        case all
        case first(Int)
        case nth(Int)
        case every(Int)
        /// Those places of each so many, from 0: a row that begins again.
        case places(Set<Int>, of: Int)
    }

    package let id: String
    /// The port that is asked for; nil for any.
    package var port: Int?
    /// The addresses that are asked for; nil for any outside.
    package var servers: Set<IPAddress>?
    /// Names of nodes, or addresses of whoever else; nil for everybody.
    package var clients: Set<String>?
    /// Whether each node has turns of its own, and the jump host, and all others together.
    package var isPerClient: Bool
    /// Whose turn it is: of a client, or of all together under nil.
    package var turns: @Sendable (_ client: String?) -> Turns

    package init(
        id: String,
        port: Int? = nil,
        servers: Set<IPAddress>? = nil,
        clients: Set<String>? = nil,
        isPerClient: Bool = false,
        turns: @escaping @Sendable (_ client: String?) -> Turns = { _ in .all }
    ) {
        (self.id, self.port, self.servers, self.clients) = (id, port, servers, clients)
        (self.isPerClient, self.turns) = (isPerClient, turns)
    }

    /// One that was refused.
    package struct Event: Hashable, Sendable {
        /// Of the refusal.
        package var id: String
        package var client: IPAddress
        package var server: IPAddress
        package var port: Int

        package init(id: String, client: IPAddress, server: IPAddress, port: Int) {
            (self.id, self.client, self.server, self.port) = (id, client, server, port)
        }
    }
}
