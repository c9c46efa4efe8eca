/// A fault, whom it befalls and how often: data, as the command line, a scenario and the journal have it.
package struct Rule: Hashable, Sendable, Codable {
    package var id: String
    package var match: Match
    package var occurrence: Occurrence
    /// The fault's kind, as the catalogue has it: `http.stall`.
    package var kind: String
    /// What is said of the fault beside its kind, as text: `["at": "40%"]`.
    package var arguments: [String: String]

    package init(
        id: String,
        _ kind: String,
        _ arguments: [String: String] = [:],
        match: Match = Match(),
        occurrence: Occurrence = .always
    ) {
        (self.id, self.kind, self.arguments) = (id, kind, arguments)
        (self.match, self.occurrence) = (match, occurrence)
    }
}
