import ArgumentParser
import DownloadCache
import LabModel

struct CacheRefresh: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Have what was recorded fetched again, when a lab that records is asked for it next.",
        discussion: """
            A lab with --uplink record asks nobody for what it has. What has changed outside since then, such as the lists \
            of an apt mirror and pages called “latest”, is noticed after this. Until it is fetched, and by labs with \
            --uplink cache, it is served as it was; so it is kept when the server outside does not answer.
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
