import ArgumentParser
import DownloadCache
import SystemPackage

struct CacheVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read all that was recorded again, and tell what is not what it was.",
        discussion: """
            Ends with 0 when all is well, with 1 when something is not. Labs may go on meanwhile.
            Example: vlab cache verify --repair
            """
    )
    @Flag(help: "Remove what is wrong.") var repair = false
    @Option(help: "table or json.") var format: OutputFormat = .table

    struct Report: Encodable {
        struct Finding: Encodable {
            var path: String
            var problem: String
        }
        var responses: Int
        var bytes: Int
        var repaired: Bool
        var findings: [Finding]
    }

    /// Tells once a second how far it is.
    static func progress(_ subject: String) -> (CacheCare.Verification) -> Void {
        let (progress, clock) = (Notes.progress(subject), ContinuousClock())
        var told = clock.now
        return { report in
            guard clock.now - told >= .seconds(1) else { return }
            told = clock.now
            progress("\(report.contents.of("content")), \(report.bytes.inMiB)")
        }
    }

    func run() async throws {
        let result = try CacheCommand.care().verify(repair: repair, progress: Self.progress("verify"))
        let findings = result.findings.map { Report.Finding(path: $0.path.string, problem: $0.problem) }
        switch format {
        case .json:
            try printJSON(
                Report(
                    responses: result.responses,
                    bytes: result.bytes,
                    repaired: repair,
                    findings: findings
                )
            )
        case .table:
            for finding in findings { print("\(finding.path): \(finding.problem)") }
            print(
                "\(result.responses.of("response")), \(result.bytes.inMiB): "
                    + (findings.isEmpty
                        ? "all well" : "\(findings.count.of("problem"))\(repair ? ", removed" : "")")
            )
        }
        if !findings.isEmpty {
            if !repair { Notes.say("vlab cache verify --repair removes what is wrong") }
            throw ExitCode(1)
        }
    }
}
