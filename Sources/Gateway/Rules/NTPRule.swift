/// Whose questions for the time a fault befalls.
package struct NTPRule: Sendable {
    package enum Fault: String, Sendable { case silent }

    package var id: String
    /// Names of nodes, or addresses of those that have none; nil means anyone.
    package var clients: Set<String>?
    package var occurrence: Occurrence
    package var fault: Fault

    package init(
        id: String,
        clients: Set<String>? = nil,
        occurrence: Occurrence = .always,
        fault: Fault
    ) {
        (self.id, self.clients, self.occurrence, self.fault) = (id, clients, occurrence, fault)
    }
}
