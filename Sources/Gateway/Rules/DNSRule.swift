import LabModel

/// Whose look-ups a fault befalls.
package struct DNSRule: Sendable {
    package enum Fault: String, Sendable {
        case silent
        case serverFailure = "servfail"
    }

    package var id: String
    /// The name that is looked up, in lower case.
    package var name: Glob
    /// Nil means anyone.
    package var clients: Set<IPv4Address>?
    package var occurrence: Occurrence
    package var fault: Fault

    package init(
        id: String,
        name: Glob = "**",
        clients: Set<IPv4Address>? = nil,
        occurrence: Occurrence = .always,
        fault: Fault
    ) {
        (self.id, self.name, self.clients, self.occurrence, self.fault) = (
            id, name, clients, occurrence, fault
        )
    }
}
