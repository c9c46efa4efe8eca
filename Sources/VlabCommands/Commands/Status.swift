import ArgumentParser
import Lab
import LabModel

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a lab's nodes: power, addresses, BMC, stage, the console's last line.",
        discussion: "Example: vlab status pod1 --format json"
    )
    @OptionGroup var options: LabOptions
    @Option(help: "table or json.") var format: OutputFormat = .table

    func run() async throws {
        let status = try await options.client().status()
        try show(status, as: format) {
            Table(
                header: ["NODE", "ROLES", "POWER", "ADDRESSES", "BMC", "STAGE", "LAST LINE"],
                rows: status.nodes.map { node in
                    let addresses = node.addresses.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                    return [
                        node.name, node.roles.joined(separator: ","), node.power.rawValue,
                        addresses.joined(separator: ", "), node.bmc ?? "–", node.stage,
                        String(node.lastLine.prefix(60)),
                    ]
                }
            )
        }
        if format == .table { for fault in status.faults { print(Self.words(for: fault)) } }
        for part in status.parts where !part.isAlive {
            Notes.say("\(status.name): \(part.name) is dead: \(part.detail)")
        }
        if status.parts.contains(where: { !$0.isAlive }) { throw ExitCode(1) }
    }

    private static func words(for fault: LabStatus.Fault) -> String {
        "broken outside: \(fault.id), \(fault.kind), bit \(fault.bites)×"
    }
}
