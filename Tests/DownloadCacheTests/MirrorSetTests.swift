import Foundation
import Testing

@testable import DownloadCache

@Suite("A mirror of packages", .timeLimit(.minutes(2)))
struct MirrorSetTests {
    @Test("is read from its release file, signed inside or beside")
    func releaseFile() throws {
        let mirror = AptMirror(state: 1)
        let inside = try #require(ReleaseFile(Data((mirror.files["InRelease"] ?? "").utf8)))
        let beside = try #require(ReleaseFile(Data((mirror.files["Release"] ?? "").utf8)))
        #expect(inside == beside)
        #expect(inside.id == beside.id)
        #expect(inside.label == "trixie of Sat, 11 Jan 2026 09:00:00 UTC")
        #expect(inside.members.count == 5)
        let member = try #require(inside.members["main/binary-amd64/Packages"])
        #expect(member.size == 28 && member.digest == Digest.hex(of: "Package: hello\nVersion: 2.1\n"))
        #expect(inside.id != ReleaseFile(Data((AptMirror(state: 2).files["Release"] ?? "").utf8))?.id)
        for other in [
            "", "<html>SHA256: x</html>", mirror.files["main/binary-amd64/Release"] ?? "", "SHA256:\n x",
        ] {
            #expect(ReleaseFile(Data(other.utf8)) == nil)
        }
    }

    @Test(
        "knows its files by their addresses",
        arguments: [
            ("http://m/debian/dists/trixie/InRelease", ["http://m/debian/dists/trixie"], false),
            (
                "http://m/d/dists/trixie/updates/main/Packages",
                [
                    "http://m/d/dists/trixie/updates/main", "http://m/d/dists/trixie/updates",
                    "http://m/d/dists/trixie",
                ], false
            ), ("http://m/flat/./Packages.gz", ["http://m/flat/."], false),
            (
                "http://m/flat/by-hash/SHA256/" + String(repeating: "a", count: 64), ["http://m/flat"], true
            ),
        ]
    )
    func paths(url: String, roots: [String], isByHash: Bool) throws {
        let path = try #require(RepositoryPath(url))
        #expect(path.roots == roots)
        #expect((path.byHash != nil) == isByHash)
    }

    @Test(
        "leaves all else alone",
        arguments: [
            "http://m/debian/pool/main/h/hello/hello_2.deb", "http://m/simple/pip/", "http://m/dists/x?y",
            "http://m/",
        ]
    )
    func noPath(url: String) { #expect(RepositoryPath(url) == nil) }

    @Test(
        "that has moved on is said to have, and the next release file begins a new set",
        arguments: [false, true]
    )
    func movesOn(byHash: Bool) async throws {
        try await ScratchCache.with { scratch in
            let (old, new) = (AptMirror(state: 1), AptMirror(state: 2))
            let packages = AptMirror.members[0]
            let path = byHash ? old.byHash(packages) : packages
            var lab = AptClient(scratch.cache)
            #expect(try await lab.get("InRelease", from: old) == old.files["InRelease"])
            guard
                case .yours(let recorder) = try scratch.cache.claim(
                    CacheRequest("GET", "\(AptMirror.root)/\(path)")
                )
            else {
                Issue.record("nobody else fetches it")
                return
            }
            // Of another length, not there any more, or of the same length and with another content.
            let error = #expect(throws: DownloadCacheError.self) {
                let length = [HeaderField("Content-Length", "1")]
                _ = try recorder.begin(status: byHash ? 404 : 200, headers: byHash ? [] : length)
            }
            #expect("\(try #require(error))".contains("the mirror has moved on"))
            #expect("\(try #require(error))".contains("run apt-get update again"))
            #expect(try await lab.get(packages, from: new) == nil)
            // What is replayed is still the old state; what is fetched is the new one.
            var offline = AptClient(try scratch.another())
            #expect(try await offline.get("InRelease", from: nil) == old.files["InRelease"])
            #expect(try await lab.get("InRelease", from: new) == new.files["InRelease"])
            #expect(try await lab.get(packages, from: new) == new.files[packages])
            // A replay keeps to what it began with; the next one takes the new state, which is complete.
            #expect(try await offline.get("InRelease", from: nil) == old.files["InRelease"])
            var next = AptClient(try scratch.another())
            #expect(try await next.get("InRelease", from: nil) == new.files["InRelease"])
            #expect(try scratch.care.verify().findings == [])
        }
    }

    @Test("whose package is gone is asked for its release file again")
    func packageGone() async throws {
        try await ScratchCache.with { scratch in
            let (old, new) = (AptMirror(state: 1), AptMirror(state: 2))
            var lab = AptClient(scratch.cache)
            for path in ["InRelease"] + AptMirror.members { _ = try await lab.get(path, from: old) }
            #expect(try await lab.get("InRelease", from: new) == old.files["InRelease"])
            let package = CacheRequest("GET", "http://mirror.example.org/debian/pool/main/h/hello_2.1.deb")
            try await scratch.cache.record(package, status: 404, [])
            #expect(try await lab.get("InRelease", from: new) == new.files["InRelease"])
        }
    }

    @Test(
        "whose new state was fetched in part only is replayed in its old state, until the new one is complete"
    )
    func interrupted() async throws {
        try await ScratchCache.with { scratch in
            let (old, new) = (AptMirror(state: 1), AptMirror(state: 2))
            var lab = AptClient(scratch.cache)
            for path in ["InRelease"] + AptMirror.members { _ = try await lab.get(path, from: old) }
            scratch.cache.record(goneFrom: AptMirror.root)
            func replayed() async throws -> String? {
                var offline = AptClient(try scratch.another())
                return try await offline.get("InRelease", from: nil)
            }
            var path = "InRelease"
            for next in AptMirror.members + [""] {
                #expect(try await lab.get(path, from: new) == new.files[path])
                // What has not changed need not be fetched again.
                let isComplete = path == "main/i18n/Translation-en.xz" || path == AptMirror.members[2]
                #expect(try await replayed() == (isComplete ? new : old).files["InRelease"], "after \(path)")
                path = next
            }
        }
    }

    @Test("is never mixed of two states, in whatever order they are met", arguments: 0..<12)
    func interleaved(seed: UInt64) async throws {
        try await ScratchCache.with { scratch in
            var random = SeededRandom(seed)
            let states = (1...3).map { AptMirror(state: $0) }
            var outside = 0
            // Labs come and go; each has a way out or has none.
            var labs = [AptClient(scratch.cache), AptClient(try scratch.another())]
            var checked = 0
            for _ in 0..<120 {
                let choice = Int.random(in: 0..<10, using: &random)
                if choice == 0 { outside = min(outside + 1, states.count - 1) }
                let index = labs.indices.randomElement(using: &random) ?? 0
                if choice == 1 { labs[index] = AptClient(try scratch.another()) }
                let isOnline = Bool.random(using: &random)
                let release = ["InRelease", "Release"].randomElement(using: &random) ?? ""
                let member = AptMirror.members.randomElement(using: &random) ?? ""
                let path: String
                switch choice {
                case 2, 3: path = release
                default: path = member
                }
                let mirror = isOnline ? states[outside] : nil
                let text = try await labs[index].get(path, from: mirror)
                guard path == member, let text, let served = labs[index].served else { continue }
                checked += 1
                #expect(served.members[path]?.digest == Digest.hex(of: text), "\(path)")
            }
            #expect(checked > 10)
            #expect(try scratch.care.verify().findings == [])
        }
    }

    @Test("keeps a signature with the release file that was fetched before it")
    func signature() async throws {
        try await ScratchCache.with { scratch in
            let (old, new) = (AptMirror(state: 1), AptMirror(state: 2))
            var lab = AptClient(scratch.cache)
            for path in ["Release", "Release.gpg"] + AptMirror.members {
                _ = try await lab.get(path, from: old)
            }
            scratch.cache.record(goneFrom: AptMirror.root)
            for path in ["Release", "Release.gpg"] + AptMirror.members {
                #expect(try await lab.get(path, from: new) == new.files[path])
            }
            var offline = AptClient(try scratch.another())
            for path in ["Release", "Release.gpg"] {
                #expect(try await offline.get(path, from: nil) == new.files[path])
            }
        }
    }
}

extension DownloadCache {
    /// As when a package of the mirror is not there any more.
    func record(goneFrom root: String) {
        let request = CacheRequest("GET", RepositoryPath.base(of: root) + "pool/gone.deb")
        // What the test then expects fails if this did.
        guard case .yours(let recorder)? = try? claim(request) else { return }
        _ = try? recorder.begin(status: 404, headers: [])
    }
}
