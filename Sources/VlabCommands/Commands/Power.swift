import ArgumentParser
import Lab
import LabModel

extension PowerAction: ExpressibleByArgument {}

struct Power: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Press a node's buttons by hand, without its BMC.",
        discussion: """
            Examples:
              vlab power pod1 on             every node
              vlab power pod1 reset ctl01    one node
            """
    )
    @OptionGroup var options: LabOptions
    @Argument(help: "on, off, cycle, reset, soft or interrupt.") var action: PowerAction
    @Argument(help: "The nodes; all when none is named.") var nodes: [String] = []

    func run() async throws {
        let client = try options.client()
        let all = try await client.status().nodes.map(\.name)
        let chosen = nodes.isEmpty ? all : nodes
        try await withThrowingTaskGroup { group in
            for node in chosen { group.addTask { try await client.power(action, node: node) } }
            try await group.waitForAll()
        }
        for node in chosen { print("\(node): power \(action.rawValue): \(outcome)") }
    }

    /// What was done, and no more: a guest need not heed its button.
    private var outcome: String {
        switch action {
        case .on, .off, .cycle, .reset: "done"
        case .soft: "the button was pressed; the guest decides"
        case .interrupt: "sent to the guest"
        }
    }
}
