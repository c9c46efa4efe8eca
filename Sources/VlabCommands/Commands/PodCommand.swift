import ArgumentParser
import LabModel

struct PodCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pod",
        abstract: "Pod files, without racking them.",
        discussion: "Example: vlab pod check pod1",
        subcommands: [PodCheck.self]
    )
}

struct PodCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read a pod's files, report every problem in them, and show what they describe.",
        discussion: """
            Ends with 0 when they are fine, else with 64.
            Example: vlab pod check pod1 --format json
            """
    )
    @Argument(help: "A pod's name, or a folder with its files.") var pod: String
    @Option(help: "table or json.") var format: OutputFormat = .table

    func run() async throws {
        let (_, pod) = try UsageErrors.exit64 { try PodArgument.read(self.pod) }
        try show(pod, as: format) {
            Table(
                header: ["NODE", "ROLES", "BMC", "MEMORY", "DISKS"]
                    + pod.networks.map { $0.name.uppercased() },
                rows: pod.nodes.map { row(of: $0, in: pod) }
            )
        }
    }

    private func row(of node: Node, in pod: Pod) -> [String] {
        let bmc = node.bmc.map { "\($0.address)" } ?? "–"
        let disks = node.disks.map(\.description).joined(separator: ",")
        let addresses = pod.networks.map { network in
            pod.address(of: node.name, on: network).map { "\($0)" } ?? "–"
        }
        return [node.name, node.roles.joined(separator: ","), bmc, node.memory.description, disks] + addresses
    }
}
