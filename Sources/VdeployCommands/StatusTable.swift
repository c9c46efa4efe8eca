import Deployment

/// A deployment's progress for people: a line for the whole, then a row for each node.
struct StatusTable {
    private let progress: DeployProgress

    init(_ progress: DeployProgress) { self.progress = progress }

    var text: String {
        let stage = progress.current.map { " in \($0.rawValue)" } ?? ""
        let detail = progress.detail.map { ": \($0)" } ?? ""
        let done = Stage.allCases.filter(progress.isFinished).map(\.rawValue).joined(separator: " ")
        var lines = [
            "\(progress.outcome.rawValue)\(stage)\(detail)", "stages done: \(done.isEmpty ? "none" : done)",
        ]
        guard !progress.nodes.isEmpty else { return lines.joined(separator: "\n") }
        let rows =
            [["NODE", "INSTALLS", "RECOVERIES", "DONE"]]
            + progress.nodes.sorted { $0.key < $1.key }.map { name, node in
                [
                    name, "\(node.attempt)", "\(node.recoveries)",
                    node.finished.sorted().joined(separator: " "),
                ]
            }
        let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
        lines += rows.map { row in
            zip(row, widths).enumerated()
                .map { column, cell in
                    column == 3 ? cell.0 : cell.0 + String(repeating: " ", count: cell.1 - cell.0.count + 2)
                }
                .joined()
        }
        return lines.joined(separator: "\n")
    }
}
