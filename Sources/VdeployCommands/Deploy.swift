import ArgumentParser
import Deployment
import Foundation
import PodSpec

/// `vdeploy deploy`: begins a deployment and runs it to its end.
struct Deploy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Deploy the pod that the files describe.",
        discussion: """
            Example:
              vdeploy deploy ./pods/pod1 --policy compass-gambia --pace 20 \\
                --work /var/tmp/pod1 --mirror http://mirror-a.vlab.test
            """
    )

    @Argument(help: "The pod: a folder with its files, or the file with its hosts.")
    var pod: String
    @Option(help: "How often and how long to try: default, compass-gambia, or a file.")
    var policy = "default"
    @Option(help: "A new folder for journal, log and fetched images.")
    var work: String
    @Option(
        name: .customLong("mirror"),
        help: "Where images come from, such as http://mirror-a.vlab.test; repeat for more."
    )
    var mirrors: [String] = []
    @Option(help: "The time server that nodes ask.")
    var ntpServer = "pool.ntp.org"
    @Option(help: "Divides every wait of the policy: at 20, 60 minutes are 3.")
    var pace = 1.0

    func validate() throws {
        guard !mirrors.isEmpty else { throw ValidationError("No mirror; add --mirror http://HOST.") }
        for mirror in mirrors where URL(string: mirror)?.scheme != "http" {
            throw ValidationError("“\(mirror)” is no mirror; write it like http://mirror-a.vlab.test.")
        }
        guard pace >= 1, pace <= 10_000 else { throw ValidationError("--pace must be 1 to 10000.") }
        let name = ntpServer.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-:".contains($0)) }
        guard name, !ntpServer.isEmpty else {
            throw ValidationError("“\(ntpServer)” is no name of a time server.")
        }
    }

    func run() async throws {
        let folder = absolute(work)
        try await Console(work: folder).deploy { log in
            let request = DeployRequest(
                pod: try PodFiles.locate(absolute(pod), searching: []),
                policy: PolicyReader.builtIn[policy] == nil ? absolute(policy) : policy,
                mirrors: mirrors,
                ntpServer: ntpServer,
                pace: pace
            )
            return try Engine(work: folder, request: request, world: .live(work: folder), log: log)
        }
    }

    private func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}
