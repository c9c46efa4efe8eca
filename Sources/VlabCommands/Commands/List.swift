import ArgumentParser
import Foundation
import Lab
import LabModel
import Sandbox

struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the labs of this user.",
        discussion: "Example: vlab list --format json"
    )
    @Option(help: "table or json.") var format: OutputFormat = .table

    struct Row: Encodable {
        var lab: String
        var pod: String
        var nodes: Int
        var state: String
        var files: [String]
    }

    func run() async throws {
        let rows = try StateFolders().all().filter(\.exists).map { folder in
            let record = try LabRecord(contentsOf: folder)
            let isUp = try SupervisorProcess.find(listeningAt: folder.controlSocket) != nil
            return Row(
                lab: folder.name,
                pod: record.pod.name,
                nodes: record.pod.nodes.count,
                state: isUp ? "up" : "dead",
                files: record.files
            )
        }
        try show(rows, as: format) {
            Table(
                header: ["LAB", "POD", "NODES", "STATE", "FILES"],
                rows: rows.map { [$0.lab, $0.pod, "\($0.nodes)", $0.state, $0.files.first ?? ""] }
            )
        }
    }
}
