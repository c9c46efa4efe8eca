import ArgumentParser
import Deployment
import Foundation

/// `vdeploy resume`: goes on with a deployment whose engine ended.
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Go on with a deployment that was interrupted or failed.",
        discussion: """
            What the journal says is done is not done again; installed nodes are not installed again.

            Example:
              vdeploy resume --work /var/tmp/pod1
            """
    )

    @Option(help: "The folder that deploy was given.")
    var work: String

    func run() async throws {
        let folder = URL(fileURLWithPath: work).standardizedFileURL.path
        try await Console(work: folder).deploy { log in
            try Engine(resuming: folder, world: .live(work: folder), log: log)
        }
    }
}
