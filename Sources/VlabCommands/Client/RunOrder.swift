/// What `vlab run` asks of a lab's supervisor.
struct RunOrder: Codable, Sendable {
    /// The scenario's file, as an absolute path.
    var scenario: String
    /// Where events, console logs and the verdict go.
    var folder: String
    /// The seed given on the command line; nil for the scenario's own.
    var seed: UInt64?
    /// The engine's command line; nil for the one that the scenario names.
    var engine: [String]?
}
