import LabModel
import Synchronization

/// Has the sandbox's packet filter refuse connections to the outside on their first packet, and hears of each.
package actor RefusalFilter {
    private var table: RefusalTable
    /// Which refusal the filter's log means.
    private let labels = Mutex<[String: String]>([:])

    /// The cards of each node, by which it is known whatever its address.
    package init(cards: [String: [MACAddress]]) { table = RefusalTable(cards: cards) }

    /// Refuses these and no others from here on; the turns of one that stays go on where they were.
    package func refuse(_ refusals: [Refusal]) async throws {
        var changed = table
        let commands = changed.change(to: refusals)
        // The first packet may be refused before this knows that it can be.
        labels.withLock { $0.merge(changed.labels) { $1 } }
        try await Program.nft.run(["-f", "-"], input: commands, to: "refuse connections")
        table = changed
        labels.withLock { $0 = changed.labels }
    }

    /// Each connection that is refused, as it is, until nobody listens any more.
    package func refused() throws -> AsyncStream<Refusal.Event> {
        let log = try PacketLog(group: RefusalTable.group)
        let (events, sink) = AsyncStream.makeStream(of: Refusal.Event.self)
        log.run { [self] packet in
            guard let id = labels.withLock({ $0[packet.label] }) else { return }
            sink.yield(
                Refusal.Event(id: id, client: packet.source, server: packet.target, port: packet.port)
            )
        }
        sink.onTermination = { _ in log.stop() }
        return events
    }
}
