import ArgumentParser
import Foundation
import LabModel
import PodSpec

struct PodDraw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "draw",
        abstract: "Draw a pod's wiring: switches, NICs, VLANs, bonds, BMCs and addresses.",
        discussion: """
            On the terminal, or as a picture for a page. An address is short of what its network says already.
            Examples:
              vlab pod draw pod1
              vlab pod draw pharos/lf/*pod4.yaml --svg pod4.svg
            """
    )
    @Argument(help: "The pod's name, its folder, or its files.") var files: [String]
    @Option(help: "A file for the picture; - for standard output.") var svg: String?

    func run() async throws {
        let drawing = PodDrawing(try WholePod.read(files))
        switch svg {
        case nil: print(drawing.text)
        case "-": print(drawing.svg, terminator: "")
        case let path?: try WrittenOutput.write(drawing.svg, to: path)
        }
    }
}

/// One pod of files that were given, for commands that only look at it: what the lab cannot do does not matter.
enum WholePod {
    /// Errors in the files are told, and end the command with 1; so do files of no pod or of several.
    static func read(_ files: [String]) throws -> Pod {
        let entry = try entry(files)
        // An entry without a pod is none.
        guard let pod = entry.pod else { throw ExitCode(1) }
        return pod
    }

    /// The same, with what its files say besides.
    static func entry(_ files: [String]) throws -> PodReport.Entry {
        let paths = try UsageErrors.exit64 { try PodReport.files(files) }
        let report = PodReport(checking: paths)
        let errors = report.diagnostics.filter { $0.severity == .error }
        for error in errors { Notes.say("\(error)") }
        let pods = report.pods.filter { $0.pod != nil }
        if pods.count == 1, errors.isEmpty { return pods[0] }
        if errors.isEmpty {
            let names = report.pods.map { entry in
                entry.files.joined(separator: " and ") + (entry.lack.map { " lacks \($0)" } ?? "")
            }
            Notes.say(
                "\(files.joined(separator: " ")): \(pods.isEmpty ? "no whole pod" : "\(pods.count) pods"), one is wanted: "
                    + "name the files of one: \(names.joined(separator: "; "))"
            )
        }
        throw ExitCode(1)
    }
}
