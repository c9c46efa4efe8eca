/// One thing to measure; may give several figures.
protocol Measurement: Sendable {
    /// What `--only` calls it.
    var name: String { get }
    func measure(with bench: Bench) async throws -> [Figure]
}

/// Why a figure could not be measured.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
