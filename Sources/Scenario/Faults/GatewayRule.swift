import LabModel

/// What the gateway is to do to some requests of some nodes.
package struct GatewayRule: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// The download stands still, for a time or until the client leaves.
        case stall(URLPattern, at: BodyPlace, hold: Duration?)
        /// The download stands still until the run lets it go.
        case pause(URLPattern, at: BodyPlace)
        /// Questions for the time get no answer.
        case silentNTP
    }

    /// Which of the matching requests.
    package enum Occurrence: Hashable, Sendable {
        case always
        case first(Int, perClient: Bool)
    }

    package var id: String
    /// Nil means anyone, the engine included.
    package var nodes: Set<String>?
    package var occurrence: Occurrence
    package var action: Action

    package init(id: String, nodes: Set<String>?, occurrence: Occurrence = .always, action: Action) {
        (self.id, self.nodes, self.occurrence, self.action) = (id, nodes, occurrence, action)
    }
}
