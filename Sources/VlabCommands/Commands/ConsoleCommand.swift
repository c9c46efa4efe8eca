import ArgumentParser
import Foundation
import Glibc
import Lab
import LabModel

struct ConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console",
        abstract: "A node's serial console: what it said, what it says, and your keys.",
        discussion: """
            Examples:
              vlab console pod1 ctl01             leave with Ctrl-]
              vlab console pod1 ctl01 --follow    only look; leave with Ctrl-C
            """
    )
    @OptionGroup var options: LabOptions
    @Argument(help: "The node.") var node: String
    @Flag(help: "Only look: keys are not sent.") var follow = false

    func run() async throws {
        let client = try options.client()
        guard !follow, isatty(STDIN_FILENO) == 1 else { return try await watch(client) }
        let keys = try RawTerminal.keys()
        defer { RawTerminal.restore() }
        Notes.say("Console of \(node); leave with Ctrl-].\r")
        try await withThrowingTaskGroup { group in
            group.addTask { try await watch(client) }
            group.addTask {
                for await typed in keys {
                    guard !typed.contains(RawTerminal.leave) else { return }
                    try await client.type(typed, node: node)
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private func watch(_ client: ControlClient) async throws {
        try await client.console(of: node) { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = unsafe rest.withUnsafeBytes {
                    unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count)
                }
                // Whoever read this has left, as `head` does.
                guard count > 0 else { throw ExitCode.success }
                rest = rest.dropFirst(count)
            }
        }
    }
}
