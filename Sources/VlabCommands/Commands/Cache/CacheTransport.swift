import ArgumentParser
import DownloadCache
import SystemPackage

struct CacheExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write recorded responses into a tar, for another machine.",
        discussion: "Example: vlab cache export debian.tar '**/debian/**'"
    )
    @Argument(help: "The tar to write.") var file: String
    @Argument(help: "Patterns of URLs; all when there is none.") var patterns: [String] = []

    func run() async throws {
        let (file, patterns) = (file, patterns)
        let done = try await untilInterrupted {
            try await CacheCommand.care().export(CacheCommand.globs(patterns), to: FilePath(file))
        }
        print("\(file): \(done.responses.of("response")), \(done.bytes.inMiB)")
    }
}

struct CacheImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract:
            "Take in what another machine exported; all of it or, when anything in it is wrong, nothing.",
        discussion: "Example: vlab cache import debian.tar"
    )
    @Argument(help: "The tar.") var file: String

    func run() async throws {
        let file = file
        let done = try await untilInterrupted { try await CacheCommand.care().import(FilePath(file)) }
        print("\(file): \(done.responses.of("response")), \(done.bytes.inMiB)")
    }
}
