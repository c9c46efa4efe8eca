import LabModel
import Synchronization

/// Which card has an address, for those who ask often: the kernel's table is read once a second at most, and when somebody
/// new turns up.
///
/// Whoever sends a packet from the lab's networks is in the table before it arrives: who is not, is no neighbour.
package final class Neighbours: Sendable {
    private struct State {
        var cards: [IPAddress: MACAddress] = [:]
        /// Asked for since, or before, and not in the table.
        var strangers: Set<IPAddress> = []
        var read: ContinuousClock.Instant?
    }

    /// Who is in the table at that moment.
    typealias Read = @Sendable () throws -> [IPAddress: MACAddress]

    private static let lifetime = Duration.seconds(1)

    private let read: Read
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    package convenience init() { self.init { try NeighbourTable.current() } }

    init(
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        read: @escaping Read
    ) {
        (self.now, self.read) = (now, read)
    }

    /// Nil for who is no neighbour.
    package func card(of address: IPAddress) -> MACAddress? {
        state.withLock { state in
            let now = now()
            let isFresh = state.read.map { now - $0 < Self.lifetime } ?? false
            let isKnown = state.cards[address] != nil || state.strangers.contains(address)
            if isFresh, isKnown { return state.cards[address] }
            // A table that cannot be read knows nobody.
            state.cards = (try? read()) ?? [:]
            state.read = now
            if !isFresh { state.strangers = [] }
            state.strangers = state.strangers.filter { state.cards[$0] == nil }
            if state.cards[address] == nil { state.strangers.insert(address) }
            return state.cards[address]
        }
    }
}
