import ArgumentParser
import Deployment
import Foundation

/// `vdeploy status`: how far a deployment is.
struct Status: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }
    static let configuration = CommandConfiguration(
        abstract: "Show how far a deployment is.",
        discussion: """
            Example:
              vdeploy status --work /var/tmp/pod1 --format json
            """
    )

    @Option(help: "The folder that deploy was given.")
    var work: String
    @Option(help: "table or json.")
    var format = Format.table

    func run() async throws {
        let folder = URL(fileURLWithPath: work).standardizedFileURL.path
        let progress: DeployProgress
        do {
            progress = try Journal.progress(at: Engine.journal(in: folder))
        } catch let error as DeployError {
            throw Console.exit(for: error)
        }
        switch format {
        case .table: print(StatusTable(progress).text)
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            encoder.dateEncodingStrategy = .iso8601
            print(String(decoding: try encoder.encode(progress), as: UTF8.self))
        }
    }
}
