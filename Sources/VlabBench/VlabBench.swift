import ArgumentParser

/// What `make bench` runs: the figures that vlab promises, each measured against its floor in the same run.
@main
struct VlabBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vlab-bench",
        abstract: "Measure vlab against its floors, in one run, on this machine.",
        subcommands: [Measure.self, ByHand.self],
        defaultSubcommand: Measure.self
    )
}
