import Foundation
import LabModel
import SystemPackage
import TestSupport
import Testing

@testable import DownloadCache

@Suite("A cache that is looked after", .timeLimit(.minutes(1)))
struct CareTests {
    @Test("is listed by URL, with what each pattern matches")
    func list() async throws {
        try await ScratchCache.with { scratch in
            #expect(try scratch.care.list() == [])
            try await scratch.cache.record("http://b/2.deb", "two")
            try await scratch.cache.record("http://a/1.deb", "one")
            try await scratch.cache.record(CacheRequest("GET", "http://a/gone"), status: 404, [])
            let all = try scratch.care.list()
            #expect(all.map(\.url) == ["http://a/1.deb", "http://a/gone", "http://b/2.deb"])
            #expect(all.map(\.response.status) == [200, 404, 200])
            #expect(all[0].response.size == 3 && abs(all[0].lastUse - Int(time(nil))) < 60)
            #expect(try scratch.care.list(["**.deb"]).count == 2)
            #expect(try scratch.care.list(["http://b/*", "**/gone"]).count == 2)
        }
    }

    @Test("tells each file that is not what it was, and removes what is wrong")
    func verify() async throws {
        try await ScratchCache.with { scratch in
            for name in ["flipped", "cut", "lost", "torn", "moved", "whole"] {
                try await scratch.cache.record("http://a/\(name)", "content of \(name)")
            }
            func blob(_ name: String) -> String {
                scratch.folder.blob(Digest.hex(of: "content of \(name)")).string
            }
            func entry(_ name: String) -> String {
                scratch.folder.entry(CacheRequest("GET", "http://a/\(name)").key()).string
            }
            try Data("CONTENT of flipped".utf8).write(to: URL(filePath: blob("flipped")))
            try Data("con".utf8).write(to: URL(filePath: blob("cut")))
            try FileManager.default.removeItem(atPath: blob("lost"))
            try Data("{\"meth".utf8).write(to: URL(filePath: entry("torn")))
            try FileManager.default.moveItem(atPath: entry("moved"), toPath: entry("moved") + ".json")
            let report = try scratch.care.verify()
            #expect(report.contents == 5 && report.responses == 6)
            let problems = report.findings.map { "\($0.path.lastComponent?.string ?? ""): \($0.problem)" }
            #expect(report.findings.count == 6, "\(problems)")
            for words in [
                "its SHA-256 is", "has 3 bytes instead of 14", "is not there", "cannot be read", "another's",
            ] {
                #expect(problems.contains { $0.contains(words) }, "\(words): \(problems)")
            }
            _ = try scratch.care.verify(repair: true)
            #expect(try scratch.care.verify().findings == [])
            let lab = try scratch.another()
            #expect(try lab.body("http://a/whole") == "content of whole")
            for name in ["flipped", "cut", "lost", "torn", "moved"] {
                #expect(try lab.body("http://a/\(name)") == nil)
            }
        }
    }

    @Test("records again what cannot be read any more")
    func selfHealing() async throws {
        try await ScratchCache.with { scratch in
            try await scratch.cache.record("http://a/b", "hello")
            let entry = scratch.folder.entry(CacheRequest("GET", "http://a/b").key())
            try Data("{".utf8).write(to: URL(filePath: entry.string))
            let lab = try scratch.another()
            #expect(try lab.body("http://a/b") == nil)
            try await lab.record("http://a/b", "again")
            #expect(try lab.body("http://a/b") == "again")
            // Its former content belongs to nothing: no error, and cleared away.
            #expect(try scratch.care.verify().findings == [])
            #expect(try scratch.care.clearUp(limit: .gibibytes(1)).leftovers == 1)
        }
    }

    @Test("keeps within its limit: what was not used for longest goes, and hurts no reader")
    func limit() async throws {
        try await ScratchCache.with(limit: Memory(bytes: 100_000)) { scratch in
            let body = [UInt8].pattern(20_000)
            func request(_ index: Int) -> CacheRequest { CacheRequest("GET", "http://a/\(index)") }
            var reader: Recorded?
            for index in 0..<4 {
                // Contents that are equal take room once.
                try await scratch.cache.record(request(index), body + [UInt8(index)])
                if index == 0 { reader = try scratch.another().lookup(request(0)) }
                // As if a minute had gone by between them.
                try scratch.setLastUse(of: request(index), to: 1000 + 60 * index)
            }
            _ = try scratch.another().lookup(request(1))
            for index in 4..<6 { try await scratch.cache.record(request(index), body + [UInt8(index)]) }
            let left = try scratch.care.list().map(\.url)
            #expect(left == ["http://a/1", "http://a/3", "http://a/4", "http://a/5"])
            let bytes = try #require(try reader?.bytes())
            #expect(bytes == body + [0])
            #expect(try scratch.care.verify().findings == [])
            #expect(scratch.folder.countedSize == 4 * 20_001)
            // What is larger than all the room is passed on, and not kept.
            let large = CacheRequest("GET", "http://a/large")
            let length = [HeaderField("Content-Length", "100001")]
            #expect(
                try await scratch.cache.record(large, headers: length, [UInt8](repeating: 0, count: 100_001))
                    == nil
            )
        }
    }

    @Test("keeps what came last also of what came within one moment")
    func sameSecond() async throws {
        try await ScratchCache.with(limit: Memory(bytes: 50_000)) { scratch in
            for index in 10..<30 {
                let body = [UInt8].pattern(20_000, seed: UInt64(index))
                _ = try await scratch.cache.record(CacheRequest("GET", "http://a/\(index)"), body)
                #expect(try scratch.care.list().last?.url == "http://a/\(index)")
            }
        }
    }

    @Test("makes room where the disk is full, and passes on what there is no room for")
    func fullDisk() async throws {
        try await ScratchCache.with { scratch in
            // A disk of 100,000 bytes, with nothing else on it.
            let care = try scratch.care
            let cache = try DownloadCache(folder: scratch.path, limit: .gibibytes(1)) {
                () throws(DownloadCacheError) in
                100_000 - (try care.list().reduce(0) { $0 + $1.response.size })
            }
            func record(_ index: Int, _ size: Int) async throws -> Bool {
                let request = CacheRequest("GET", "http://a/\(index)")
                let length = [HeaderField("Content-Length", "\(size)")]
                let body = [UInt8](repeating: UInt8(index), count: size)
                let isRecorded = try await cache.record(request, headers: length, body) != nil
                if isRecorded { try scratch.setLastUse(of: request, to: 1000 + 60 * index) }
                return isRecorded
            }
            for index in 0..<3 { #expect(try await record(index, 30_000)) }
            #expect(try await record(3, 30_000))
            #expect(try care.list().map(\.url) == ["http://a/1", "http://a/2", "http://a/3"])
            #expect(try await !record(4, 100_001))
            #expect(try care.list().count == 3)
            #expect(try await record(5, 100_000))
            #expect(try care.list().map(\.url) == ["http://a/5"])
            #expect(try care.verify().findings == [])
        }
    }

    @Test("lets a mirror's state go as a whole, and not while a lab serves it")
    func heldSet() async throws {
        try await ScratchCache.with { scratch in
            let mirror = AptMirror(state: 1)
            var lab: AptClient? = AptClient(try scratch.another())
            for path in ["InRelease"] + AptMirror.members { _ = try await lab?.get(path, from: mirror) }
            try await scratch.cache.record("http://a/b", "hello")
            try scratch.care.clearUp(limit: Memory(bytes: 0))
            #expect(try scratch.care.list().map(\.url).count == 4)
            #expect(try await lab?.get(AptMirror.members[0], from: nil) == mirror.files[AptMirror.members[0]])
            lab = nil
            try scratch.care.clearUp(limit: Memory(bytes: 0))
            #expect(try scratch.care.list() == [])
            #expect(
                try scratch.names(scratch.folder.sets).flatMap {
                    try scratch.names(scratch.folder.sets.appending($0))
                } == []
            )
        }
    }

    @Test("does not take what is being written for what was left behind")
    func writing() async throws {
        try await ScratchCache.with { scratch in
            guard case .yours(let recorder) = try scratch.cache.claim(CacheRequest("GET", "http://a/b"))
            else {
                Issue.record("nobody else fetches it")
                return
            }
            _ = try recorder.begin(status: 200, headers: [])
            try recorder.append(Array("hello".utf8))
            try Data("left".utf8).write(to: URL(filePath: scratch.folder.incoming.appending("left").string))
            let other = try scratch.another()
            try scratch.care.clearUp(limit: Memory(bytes: 0))
            #expect(try scratch.names(scratch.folder.incoming).count == 1)
            _ = try await recorder.finish()
            #expect(try other.body("http://a/b") == "hello")
        }
    }

    @Test("has fetched again what somebody wants refreshed, and serves it as it was until then")
    func refresh() async throws {
        try await ScratchCache.with { scratch in
            for name in ["latest/page", "pool/1.deb"] {
                try await scratch.cache.record("http://a/\(name)", "old")
            }
            let page = CacheRequest("GET", "http://a/latest/page")
            // A lab that runs already has it in memory.
            #expect(try scratch.cache.current(page) != nil)
            #expect(try scratch.care.refresh(["http://b/**"]) == 0)
            #expect(try scratch.care.refresh(["**/latest/**"]) == 1)
            try await eventually("what is to be refreshed", within: .seconds(20)) {
                try scratch.cache.current(page) == nil ? true : nil
            }
            #expect(try scratch.care.list().map { $0.response.isToRefresh ?? false } == [true, false])
            #expect(try scratch.cache.body("http://a/latest/page") == "old")
            #expect(try scratch.cache.current(CacheRequest("GET", "http://a/pool/1.deb")) != nil)
            // Who tries in vain has lost nothing.
            guard case .yours(let recorder) = try scratch.cache.claim(page) else {
                Issue.record("it is fetched again")
                return
            }
            _ = try recorder.begin(status: 200, headers: [])
            recorder.abandon("the server broke off")
            #expect(try scratch.cache.body("http://a/latest/page") == "old")
            try await scratch.cache.record("http://a/latest/page", "new")
            #expect(try scratch.cache.body("http://a/latest/page") == "new")
            #expect(try scratch.cache.current(page) != nil)
            #expect(try scratch.care.verify().findings == [])
        }
    }

    @Test(
        "sees that a mirror has moved on when it is refreshed, and what has not changed is not fetched again"
    )
    func refreshedMirror() async throws {
        try await ScratchCache.with { scratch in
            let (old, new) = (AptMirror(state: 1), AptMirror(state: 2))
            let paths = ["InRelease"] + AptMirror.members
            var first = AptClient(scratch.cache)
            for path in paths { _ = try await first.get(path, from: old) }
            // As long as nobody says so, a mirror that has moved on is not looked at.
            var second = AptClient(try scratch.another())
            for path in paths { #expect(try await second.get(path, from: new) == old.files[path]) }
            #expect(try scratch.care.refresh(["**/dists/**"]) == 1)
            var third = AptClient(try scratch.another())
            for path in paths { #expect(try await third.get(path, from: new) == new.files[path]) }
            #expect(try scratch.care.verify().findings == [])
        }
    }
}

extension ScratchCache {
    func setLastUse(of request: CacheRequest, to seconds: Int) throws {
        let path = folder.entry(request.key()).string
        let date = Date(timeIntervalSince1970: Double(seconds))
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
    }
}
