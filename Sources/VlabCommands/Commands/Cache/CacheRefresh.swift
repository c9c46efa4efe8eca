import ArgumentParser
import DownloadCache
import LabModel

struct CacheRefresh: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Have what was recorded fetched again, when a lab that records is asked for it next.",
        discussion: """
            A lab with --uplink record asks nobody for what it has. What has changed outside since then, such as the lists \
            of an apt mirror and pages called “latest”, is noticed after this. Labs with --uplink cache serve it as it \
            was until it has been fetched; when the server outside does not answer, the client is told so, and what was \
            recorded is kept.
            Examples:
              vlab cache refresh '**/dists/**' '**/latest/**'
              vlab cache refresh '**'
            """
    )
    @Argument(help: "Patterns of URLs: * stands for anything but a slash, ** for anything.") var patterns:
        [String]

    func run() async throws {
        let count = try CacheCommand.care().refresh(CacheCommand.globs(patterns))
        guard count > 0 else { throw DownloadCacheError.noMatch(pattern: patterns.joined(separator: " ")) }
        print("\(count.of("response")) to be fetched again, each when it is asked for with --uplink record")
    }
}
