import ArgumentParser
import LabModel
import PodSpec

struct PodCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pod",
        abstract: "Pod files, without racking them.",
        discussion: """
            Examples:
              vlab pod check pod1
              vlab pod draw pod1
              vlab pod diff pod1 ./mine
              vlab pod convert pod1 --to vlab
            """,
        subcommands: [
            PodCheck.self, PodDraw.self, PodDiff.self, PodConvert.self, PodSchemaCommand.self,
        ]
    )
}

struct PodCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read files that describe pods, report every problem in them, and show what they describe.",
        discussion: """
            Takes Compass4nfv's network.yml and DHA files, OPNFV's pod and installer descriptor files, vlab's own pod.yml, \
            and lab.yml.
            Files of one folder belong together; a machine that is in two pods is found.
            Ends with 0 when there is no error, with 1 when there is one.
            Examples:
              vlab pod check pod1
              vlab pod check hardware/*/*.yml --format sarif > pods.sarif
              generate-pod | vlab pod check -
            """
    )
    @Argument(help: "Files, folders with files, names of pods, or - for standard input.") var files: [String]
    @Option(help: "table, json or sarif.") var format: PodCheckFormat = .table

    func validate() throws {
        if files.isEmpty { throw ValidationError("Name a file or a pod, for example: vlab pod check pod1") }
    }

    func run() async throws {
        let paths = try UsageErrors.exit64 { try PodReport.files(files) }
        let report = PodReport(checking: paths)
        switch format {
        case .table: PodCheckText(report, files: paths.count).lines.forEach { print($0) }
        case .json: try printJSON(report)
        case .sarif: try printJSON(SARIFLog(report))
        }
        if report.hasErrors { throw ExitCode(1) }
    }
}

/// How `vlab pod check` shows what it found.
enum PodCheckFormat: String, ExpressibleByArgument, CaseIterable { case table, json, sarif }
