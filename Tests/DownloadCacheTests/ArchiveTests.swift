import Foundation
import LabModel
import SystemPackage
import TestSupport
import Testing

@testable import DownloadCache

@Suite("A cache that goes elsewhere", .timeLimit(.minutes(1)))
struct ArchiveTests {
    @Test("goes to another machine in a tar: what is chosen of it, and mirrors with their states")
    func carried() async throws {
        try await ScratchCache.with { scratch in
            let mirror = AptMirror(state: 1)
            var lab = AptClient(scratch.cache)
            for path in ["InRelease"] + AptMirror.members { _ = try await lab.get(path, from: mirror) }
            try await scratch.cache.record("http://a/other", "other")
            let tar = scratch.path.appending("out.tar")
            #expect(try await scratch.care.export(["**/dists/**"], to: tar).responses == 4)
            await #expect(throws: DownloadCacheError.noMatch(pattern: "http://none/*")) {
                try await scratch.care.export(["http://none/*"], to: tar.appending("x"))
            }
            #expect(try scratch.names(scratch.folder.incoming) == [])
            try await ScratchCache.with { other in
                #expect(try await other.care.import(tar).responses == 4)
                #expect(try other.care.verify().findings == [])
                var offline = AptClient(try other.another())
                for path in ["InRelease"] + AptMirror.members {
                    #expect(try await offline.get(path, from: nil) == mirror.files[path])
                }
                #expect(try other.cache.body("http://a/other") == nil)
                #expect(try other.names(other.folder.incoming) == [])
                // Twice is as good.
                #expect(try await other.care.import(tar).responses == 4)
                #expect(try other.care.list().count == 4)
            }
        }
    }

    @Test("is exported whole or not at all: what was there before stays")
    func exportFails() async throws {
        try await ScratchCache.with { scratch in
            try await scratch.cache.record("http://a/b", "hello")
            let folder = scratch.path.appending("out")
            try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
            let tar = folder.appending("of 12:30.tar")
            #expect(try await scratch.care.export([], to: tar).responses == 1)
            let first = try Disk.contents(tar)
            let blob = scratch.folder.blob(Digest.hex(of: "hello"))
            try FileManager.default.removeItem(atPath: blob.string)
            let error = await #expect(throws: DownloadCacheError.self) {
                try await scratch.care.export([], to: tar)
            }
            #expect("\(error as Any)".contains("http://a/b: its content is not there"))
            // Nobody can write that much there.
            try await scratch.cache.record("http://a/c", "world")
            for place in [folder, folder.appending("none/out.tar"), "/dev/full"] {
                await #expect(throws: DownloadCacheError.self) {
                    try await scratch.care.export(["**/c"], to: place)
                }
            }
            #expect(try Disk.contents(tar) == first && first != nil)
            #expect(try scratch.names(folder) == ["of 12:30.tar"])
            #expect(try scratch.names(scratch.folder.incoming) == [])
        }
    }

    @Test("exports nothing that is not what it was: each is named by its URL, and the way to get rid of it")
    func rotten() async throws {
        try await ScratchCache.with { scratch in
            for (name, content) in [("a", "one"), ("b", "two"), ("c", "two"), ("d", "three")] {
                try await scratch.cache.record("http://a/\(name)", content)
            }
            for content in ["one", "two"] {
                let blob = scratch.folder.blob(Digest.hex(of: content))
                try Data("rot".utf8).write(to: URL(filePath: blob.string))
            }
            let tar = scratch.path.appending("out.tar")
            let error = await #expect(throws: DownloadCacheError.self) {
                try await scratch.care.export([], to: tar)
            }
            let words = "\(error as Any)"
            for name in ["a", "b", "c"] {
                #expect(words.contains("http://a/\(name): its content's SHA-256 is"))
            }
            #expect(!words.contains("http://a/d") && words.contains("verify --repair"))
            #expect(try Disk.status(tar) == nil)
            #expect(try scratch.names(scratch.folder.incoming) == [])
            // The rest may go.
            #expect(try await scratch.care.export(["**/d"], to: tar).responses == 1)
            _ = try scratch.care.verify(repair: true)
            #expect(try await scratch.care.export([], to: tar).responses == 1)
        }
    }

    @Test("says of what cannot be taken in which file that is, and why")
    func unreadable() async throws {
        try await ScratchCache.with { scratch in
            let text = scratch.path.appending("text")
            try Data("hello".utf8).write(to: URL(filePath: text.string))
            for (path, words) in [
                (scratch.path.appending("none.tar"), "none.tar: cannot open: No such file or directory"),
                (
                    text,
                    "text: nothing is imported, give a whole archive of vlab cache export: This does not look like"
                ),
            ] {
                let error = await #expect(throws: DownloadCacheError.self) {
                    try await scratch.care.import(path)
                }
                #expect("\(error as Any)".contains("/\(words)"), "\(error as Any)")
            }
        }
    }

    @Test(
        "takes in nothing of a tar in which anything is wrong",
        arguments: ["flipped", "stranger", "link", "no tar", "cut in a file", "cut behind a file"]
    )
    func badArchive(flaw: String) async throws {
        try await ScratchCache.with { scratch in
            try await scratch.cache.record("http://a/b", "hello")
            try await scratch.cache.record("http://a/c", "world")
            let tar = scratch.path.appending("out.tar")
            let folder = scratch.path
            switch flaw {
            case "flipped":
                let blob = scratch.folder.blob(Digest.hex(of: "world"))
                try Data("WORLD".utf8).write(to: URL(filePath: blob.string))
                try Data().write(to: URL(filePath: folder.appending("end").string))
                try await CacheCare.tar([
                    "--create", "--file", tar.string, "--directory", folder.string, "blobs", "entries", "end",
                ])
            case "cut in a file", "cut behind a file":
                _ = try await scratch.care.export([], to: tar)
                // Three folders, and a content behind its header: 512 bytes each.
                let part = try #require(try Disk.contents(tar)).prefix(
                    flaw == "cut in a file" ? 512 * 4 + 3 : 512 * 5
                )
                try part.write(to: URL(filePath: tar.string))
            case "no tar": try Data("hello".utf8).write(to: URL(filePath: tar.string))
            default:
                let path = folder.appending("blobs/sha256/ab").string
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                if flaw == "link" {
                    let name = path + "/ab" + String(repeating: "0", count: 62)
                    try FileManager.default.createSymbolicLink(
                        atPath: name,
                        withDestinationPath: "/etc/passwd"
                    )
                } else {
                    try Data("x".utf8).write(to: URL(filePath: path + "/notes.txt"))
                }
                try await CacheCare.tar([
                    "--create", "--file", tar.string, "--directory", folder.string, "blobs", "entries",
                ])
            }
            try await ScratchCache.with { other in
                await #expect(throws: DownloadCacheError.self) { try await other.care.import(tar) }
                let left = try other.names(other.folder.blobs) + other.names(other.folder.incoming)
                #expect(left == [])
                let rows = try other.care.list()
                #expect(rows == [])
            }
        }
    }
}
