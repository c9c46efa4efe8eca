import ArgumentParser
import Lab
import Sandbox

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check all that this host must have, and say the command that mends each lack.",
        discussion: """
            Ends with 0 when nothing lacks, else with 1.
            Example: vlab doctor --format json
            """
    )
    @Option(help: "table or json.") var format: OutputFormat = .table

    func run() async throws {
        let checks = await HostReadiness(StateFolders()).all()
        try show(checks, as: format) {
            Table(
                header: ["STATE", "WHAT", "FOUND"],
                rows: checks.map { [$0.outcome.rawValue, $0.subject, $0.found] }
            )
        }
        // Below the table, where a command can be copied as one line.
        if format == .table {
            for check in checks { if let remedy = check.remedy { print("\(check.subject): run: \(remedy)") } }
        }
        let lacks = checks.filter { $0.outcome == .lacks }
        if !lacks.isEmpty {
            Notes.say(
                "\(lacks.count) of \(checks.count) lack; make install-deps installs all packages at once"
            )
            throw ExitCode(1)
        }
    }
}
