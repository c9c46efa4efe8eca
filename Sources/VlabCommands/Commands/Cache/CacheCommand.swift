import ArgumentParser
import DownloadCache
import Foundation
import Lab
import LabModel
import SystemPackage

struct CacheCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "What was downloaded and recorded, for all labs of this user.",
        discussion: """
            Examples:
              vlab cache list '**/dists/**'
              vlab cache verify --repair
              vlab cache refresh '**/dists/**'
              vlab cache export pod1.tar && vlab cache import pod1.tar
            """,
        subcommands: [
            CacheList.self, CacheVerify.self, CacheRefresh.self, CacheClearUp.self, CacheExport.self,
            CacheImport.self, CachePath.self,
        ]
    )

    static var folder: FilePath { FilePath(StateFolders().downloads) }
    static func care() throws -> CacheCare { try CacheCare(folder: folder) }

    /// A patterns' argument as URLs are matched.
    static func globs(_ patterns: [String]) -> [Glob] { patterns.map { Glob($0) } }
}

/// How much all that is recorded may take.
struct CacheSizeOption: ParsableArguments {
    @Option(
        name: .customLong("cache-size"),
        help: """
            What recorded downloads may take together, as in 20G; those not used for longest go. \
            Else VLAB_CACHE_SIZE, else \(DownloadCache.defaultLimit).
            """,
        transform: CacheSizeOption.read
    )
    var given: Memory?

    private static let variable = "VLAB_CACHE_SIZE"

    var limit: Memory { get throws { try chosen ?? DownloadCache.defaultLimit } }

    /// Nil where nobody has said anything.
    var chosen: Memory? {
        get throws {
            if let given { return given }
            guard let text = ProcessInfo.processInfo.environment[Self.variable] else { return nil }
            do {
                return try Self.read(text)
            } catch {
                throw ValidationError("\(Self.variable): \(error)")
            }
        }
    }

    private static func read(_ text: String) throws -> Memory {
        guard let size = Memory(text) else {
            throw ValidationError("\(text) is no size; write one as in 500M or 20G")
        }
        return size
    }
}

struct CacheClearUp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Remove what was not used for longest, and what killed labs left behind.",
        discussion: "Example: vlab cache gc --cache-size 5G"
    )
    @OptionGroup var size: CacheSizeOption

    func run() async throws {
        let done = try CacheCommand.care().clearUp(limit: try size.limit)
        print(
            "removed \(done.responses.of("response")) and \(done.leftovers.of("leftover")), \(done.freed.inMiB); "
                + "\(done.bytes.inMiB) are left"
        )
    }
}

struct CachePath: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "path",
        abstract: "Print the folder of recorded downloads.",
        discussion: "Example: du -sh $(vlab cache path)"
    )
    func run() async throws { print(CacheCommand.folder) }
}

extension Int {
    /// A number of bytes, for people.
    var inMiB: String { "\((self + (1 << 19)) >> 20) MiB" }
}
