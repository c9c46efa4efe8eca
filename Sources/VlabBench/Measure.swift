import ArgumentParser
import Foundation

/// Measures and reports: a missed target is a figure, not a failure.
struct Measure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure, show a table, write JSON.",
        discussion: """
            Ends with 0 whether or not a target is met, with 1 when a figure could not be measured or something was left over.
            Examples:
              vlab-bench
              vlab-bench --only up --only down --runs 5 --json bench.json
            """
    )
    @Option(help: "Only this: \(Self.all.map(\.name).joined(separator: ", ")). May be repeated.")
    var only: [String] = []
    @Option(help: "How often each time is taken; its median counts.") var runs = 3
    @Option(help: "How often each part of a lab is killed.") var kills = 20
    @Option(help: "Fixes the moments of the kills.") var seed: UInt64 = 42
    @Option(help: "A file for the figures.") var json: String?
    @Option(help: "The vlab to measure; vdeploy is beside it.") var vlab: String = Bench.builtBeside

    private static let all: [any Measurement] = [
        StartUp(), Up(), Down(), Install(), Memory(), Kills(), BMCRate(), BMCSize(), BMCSlowMachine(),
        BMCGrowth(), PodFileSpeed(), GatewayRate(), UplinkRate(), StalledConnections(), CacheLookup(),
        FaultPrecision(),
    ]

    func validate() throws {
        for name in only where !Self.all.contains(where: { $0.name == name }) {
            throw ValidationError("There is no figure \(name).")
        }
        guard runs > 0, kills > 0 else { throw ValidationError("--runs and --kills must be at least 1.") }
        guard FileManager.default.isExecutableFile(atPath: vlab) else {
            throw ValidationError(
                "There is no \(vlab); build it first: swift build -c release --product vlab"
            )
        }
    }

    func run() async throws {
        let bench = try Bench(vlab: vlab, runs: runs, kills: kills, seed: seed)
        var report = Report(machine: Machine.current, vlab: vlab)
        for measurement in Self.all where only.isEmpty || only.contains(measurement.name) {
            Terminal.note("\(measurement.name) …")
            do {
                let figures = try await measurement.measure(with: bench)
                for figure in figures { Terminal.note(figure.line) }
                report.figures += figures
            } catch {
                Terminal.note("\(measurement.name): not measured: \(error)")
                report.failures.append("\(measurement.name): \(error)")
            }
            report.leftovers += await bench.cleanUp()
        }
        try bench.remove()
        Terminal.say(report.table)
        if let json { try report.json.write(to: URL(fileURLWithPath: json)) }
        if !report.isClean { throw ExitCode(1) }
    }
}
