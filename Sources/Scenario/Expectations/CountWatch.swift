import LabModel

/// Counts some of the events of each node.
struct CountWatch: ExpectationWatch {
    private let bounds: Bounds
    private let counted: @Sendable (LabEvent) -> Bool
    private var counts: [String: Int]

    init(_ nodes: [Node], _ bounds: Bounds, _ counted: @escaping @Sendable (LabEvent) -> Bool) {
        (self.bounds, self.counted) = (bounds, counted)
        counts = Dictionary(nodes.map { ($0.name, 0) }) { first, _ in first }
    }

    mutating func observe(_ event: LabEvent) {
        guard let node = event.node, counts[node] != nil, counted(event) else { return }
        counts[node, default: 0] += 1
    }

    var finding: Finding { bounds.finding(counts) }
}
