import ArgumentParser
import LabModel
import PodSpec

struct PodDiff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Say what is different between two pods, in terms of nodes and wires.",
        discussion: """
            The formats of their files do not matter. Ends with 0 when nothing differs, else with 1.
            Example: vlab pod diff pod1 ./pods/mine
            """
    )
    @Argument(help: "A pod's name, its folder, or the file with its hosts.") var before: String
    @Argument(help: "Another.") var after: String
    @Option(help: "table or json.") var format: OutputFormat = .table

    func run() async throws {
        let pods = try [before, after].map { try WholePod.read(Self.files(of: $0)) }
        let changes = PodDifference(from: pods[0], to: pods[1]).changes
        switch format {
        case .table: for change in changes { print(change) }
        case .json: try printJSON(changes)
        }
        if !changes.isEmpty { throw ExitCode(1) }
    }

    /// With the other half of a pod that is named by one of its files.
    private static func files(of name: String) throws -> [String] {
        if let pipe = PodFiles.pipe(name) { return [pipe] }
        let files = try UsageErrors.exit64 { try PodFiles.locate(name) }
        return files.paths
    }
}
