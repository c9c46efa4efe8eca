import ArgumentParser

struct BMCCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bmc",
        abstract: "BMCs, with or without a lab.",
        discussion: "Example: vlab bmc serve --test-driver 3",
        subcommands: [BMCServe.self]
    )
}
