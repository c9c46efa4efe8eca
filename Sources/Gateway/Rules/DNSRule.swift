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
    /// Names of nodes, or addresses of those that have none; nil means anyone.
    package var clients: Set<String>?
    package var occurrence: Occurrence
    package var fault: Fault

    package init(
        id: String,
        name: Glob = "**",
        clients: Set<String>? = nil,
        occurrence: Occurrence = .always,
        fault: Fault
    ) {
        (self.id, self.name, self.clients, self.occurrence, self.fault) = (
            id, name, clients, occurrence, fault
        )
    }
}
