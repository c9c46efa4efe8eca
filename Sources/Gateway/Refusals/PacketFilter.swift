import LabModel

/// What the gateway needs from whatever stands before it in the network: a listening socket cannot refuse.
package protocol PacketFilter: Sendable {
    /// Refuses these and no others from here on; the turns of one that stays go on where they were.
    func refuse(_ refusals: [Refusal]) async throws
    /// Each connection that is refused, as it is.
    func refused() async throws -> AsyncStream<Refusal.Event>
}
