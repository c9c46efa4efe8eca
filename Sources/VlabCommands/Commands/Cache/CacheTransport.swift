import ArgumentParser
import DownloadCache
import SystemPackage

struct CacheExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write recorded responses into a tar, for another machine.",
        discussion: """
            All of them are read first: when a content is not what it was, it is named, and nothing is written.
            Examples:
              vlab cache export debian.tar '**/debian/**'
              vlab cache export - | ssh other vlab cache import -
            """
    )
    @Argument(help: "The tar to write; - is standard output.") var file: String
    @Argument(help: "Patterns of URLs; all when there is none.") var patterns: [String] = []

    func validate() throws {
        guard !file.isEmpty else { throw ValidationError("Say which tar to write.") }
    }

    func run() async throws {
        let (file, patterns) = (file, patterns)
        let done = try await untilInterrupted {
            let checking = CacheVerify.progress("check")
            return try await CacheCommand.care().export(
                CacheCommand.globs(patterns),
                to: FilePath(file),
                checking: checking
            ) {
                Notes.progress("export")("\($0.responses.of("response")), \($0.bytes.inMiB)")
            }
        }
        CacheCommand.tell(done, of: file)
    }
}

struct CacheImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract:
            "Take in what another machine exported; all of it or, when anything in it is wrong, nothing.",
        discussion: "Example: vlab cache import debian.tar"
    )
    @Argument(help: "The tar; - is standard input.") var file: String

    func run() async throws {
        let file = file
        let done = try await untilInterrupted {
            let progress = CacheVerify.progress("import")
            return try await CacheCommand.care().import(FilePath(file), progress: progress)
        }
        CacheCommand.tell(done, of: file)
    }
}

extension CacheCommand {
    /// Where the tar itself goes to standard output, nothing else does.
    fileprivate static func tell(_ carried: CacheCare.Carried, of file: String) {
        let line = "\(file): \(carried.responses.of("response")), \(carried.bytes.inMiB)"
        if FilePath(file) == CacheCare.pipe { Notes.say(line) } else { print(line) }
    }
}
