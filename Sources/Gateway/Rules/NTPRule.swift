import LabModel

/// Whose questions for the time a fault befalls.
package struct NTPRule: Sendable {
    package enum Fault: String, Sendable { case silent }

    package var id: String
    /// Nil means anyone.
    package var clients: Set<IPv4Address>?
    package var occurrence: Occurrence
    package var fault: Fault

    package init(
        id: String,
        clients: Set<IPv4Address>? = nil,
        occurrence: Occurrence = .always,
        fault: Fault
    ) {
        (self.id, self.clients, self.occurrence, self.fault) = (id, clients, occurrence, fault)
    }
}
