import Foundation
import LabModel
import Testing

@testable import DownloadCache

@Suite("What is recorded", .timeLimit(.minutes(1)))
struct RecordingTests {
    @Test("is found again, also by another lab, with its header and its content")
    func roundTrip() async throws {
        try await ScratchCache.with { scratch in
            let body = [UInt8].pattern(300_001)
            let request = CacheRequest("GET", "HTTP://Files.Example.org:80/a?b=1#c")
            try await scratch.cache.record(
                request,
                headers: [
                    HeaderField("ETag", "\"x\""), HeaderField("Content-Length", "300001"),
                    HeaderField("Connection", "X-Hop, close"), HeaderField("X-Hop", "1"),
                    HeaderField("Date", "today"), HeaderField("Set-Cookie", "a"),
                    HeaderField("Set-Cookie", "b"),
                ],
                body
            )
            for cache in [scratch.cache, try scratch.another()] {
                let again = CacheRequest("GET", "http://files.example.org/a?b=1")
                let found = try #require(try cache.lookup(again))
                #expect(try found.bytes() == body)
                #expect(found.response.status == 200)
                #expect(found.response.headers.map(\.name) == ["ETag", "Set-Cookie", "Set-Cookie"])
                #expect(try cache.lookup(CacheRequest("GET", "http://files.example.org/a?b=2")) == nil)
                #expect(try cache.lookup(CacheRequest("GET", "https://files.example.org/a?b=1")) == nil)
            }
            #expect(try scratch.care.verify().findings == [])
            #expect(try scratch.names(scratch.folder.incoming) == [])
        }
    }

    @Test(
        "is what a server would say again, and no failure of the moment",
        arguments: [
            100, 200, 203, 206, 301, 302, 304, 307, 308, 400, 401, 403, 404, 408, 410, 412, 416, 429, 500,
            502, 503, 504,
        ]
    )
    func statuses(status: Int) async throws {
        try await ScratchCache.with { scratch in
            let request = CacheRequest("GET", "http://a/b")
            try await scratch.cache.record(request, status: status, [1, 2, 3])
            let kept = [200, 203, 301, 302, 307, 308, 401, 404, 410].contains(status)
            #expect(try (scratch.cache.lookup(request) != nil) == kept)
        }
    }

    @Test("is nothing when it turns out shorter or longer than announced", arguments: [4, 6])
    func wrongLength(announced: Int) async throws {
        try await ScratchCache.with { scratch in
            let request = CacheRequest("GET", "http://a/b")
            await #expect(
                throws: DownloadCacheError.wrongLength(url: "http://a/b", expected: announced, received: 5)
            ) {
                try await scratch.cache.record(
                    request,
                    headers: [HeaderField("Content-Length", "\(announced)")],
                    Array("hello".utf8)
                )
            }
            #expect(try scratch.cache.lookup(request) == nil)
            #expect(try scratch.names(scratch.folder.incoming) == [])
            #expect(try scratch.names(scratch.folder.blobs) == [])
            // The next one may.
            try await scratch.cache.record(request, Array("hello".utf8))
            #expect(try scratch.cache.body("http://a/b") == "hello")
        }
    }

    @Test("is chosen by the fields that Vary names, and not by who asks")
    func vary() async throws {
        try await ScratchCache.with { scratch in
            func request(_ encoding: String, _ user: String = "me") -> CacheRequest {
                CacheRequest(
                    "GET",
                    "http://a/b",
                    headers: [HeaderField("accept-encoding", encoding), HeaderField("Authorization", user)]
                )
            }
            let vary = [HeaderField("Vary", "Accept-Encoding, Authorization")]
            for encoding in ["gzip", "identity"] {
                try await scratch.cache.record(request(encoding), headers: vary, Array(encoding.utf8))
            }
            for cache in [scratch.cache, try scratch.another()] {
                for encoding in ["gzip", "identity"] {
                    let found = try #require(try cache.lookup(request(encoding, "you")))
                    #expect(try found.bytes().text == encoding)
                }
                #expect(try cache.lookup(request("br")) == nil)
            }
            try await scratch.cache.record(
                CacheRequest("GET", "http://a/c"),
                headers: [HeaderField("Vary", "*")],
                [1]
            )
            #expect(try scratch.cache.lookup(CacheRequest("GET", "http://a/c")) == nil)
        }
    }

    @Test("of a challenge is for those without credentials, until somebody was let in")
    func challenge() async throws {
        try await ScratchCache.with { scratch in
            let (plain, url) = (CacheRequest("GET", "https://r/v2/"), "https://r/v2/")
            let allowed = CacheRequest("GET", url, headers: [HeaderField("Authorization", "Bearer t")])
            try await scratch.cache.record(plain, status: 401, [])
            #expect(try scratch.cache.lookup(plain)?.response.status == 401)
            #expect(try scratch.cache.lookup(allowed) == nil)
            try await scratch.cache.record(allowed, Array("{}".utf8))
            #expect(try scratch.cache.lookup(plain)?.response.status == 200)
            #expect(try scratch.cache.lookup(allowed)?.response.status == 200)
        }
    }

    @Test("of POST is what git asks, by its body and its version")
    func post() async throws {
        try await ScratchCache.with { scratch in
            func want(_ body: String, _ version: String) -> CacheRequest {
                CacheRequest(
                    "POST",
                    "http://g/r.git/git-upload-pack",
                    headers: [
                        HeaderField("Content-Type", "application/x-git-upload-pack-request"),
                        HeaderField("Git-Protocol", version),
                    ],
                    bodyDigest: Digest.hex(of: body)
                )
            }
            try await scratch.cache.record(want("a", "version=2"), Array("pack".utf8))
            #expect(try scratch.cache.lookup(want("a", "version=2"))?.bytes().text == "pack")
            #expect(try scratch.cache.lookup(want("b", "version=2")) == nil)
            #expect(try scratch.cache.lookup(want("a", "version=1")) == nil)
            let form = CacheRequest("POST", "http://g/order", bodyDigest: Digest.hex(of: "x"))
            try await scratch.cache.record(form, [1])
            #expect(try scratch.cache.lookup(form) == nil)
            #expect(try scratch.care.verify().findings == [])
        }
    }

    @Test("is nothing of a push: who pushes again, or to what was pushed to before, asks the server")
    func push() async throws {
        try await ScratchCache.with { scratch in
            let push = CacheRequest(
                "POST",
                "http://g/r.git/git-receive-pack",
                headers: [HeaderField("Content-Type", "application/x-git-receive-pack-request")],
                bodyDigest: Digest.hex(of: "refs")
            )
            let state = CacheRequest("GET", "http://g/r.git/info/refs?service=git-receive-pack")
            for request in [push, state] {
                try await scratch.cache.record(request, [1])
                #expect(try scratch.cache.lookup(request) == nil)
            }
            let clone = CacheRequest("GET", "http://g/r.git/info/refs?service=git-upload-pack")
            try await scratch.cache.record(clone, [1])
            #expect(try scratch.cache.lookup(clone) != nil)
        }
    }

    @Test("answers HEAD, too; and HEAD alone is recorded with the length it told")
    func head() async throws {
        try await ScratchCache.with { scratch in
            try await scratch.cache.record("http://a/b", "hello")
            #expect(try scratch.cache.lookup(CacheRequest("HEAD", "http://a/b"))?.response.size == 5)
            let other = CacheRequest("HEAD", "http://a/c")
            try await scratch.cache.record(other, headers: [HeaderField("Content-Length", "77")], [])
            #expect(try scratch.cache.lookup(other)?.response.headers.first("Content-Length") == "77")
            #expect(try scratch.cache.lookup(CacheRequest("GET", "http://a/c")) == nil)
        }
    }

    @Test("is read by all who ask meanwhile, byte by byte, and fetched once")
    func followers() async throws {
        try await ScratchCache.with { scratch in
            let request = CacheRequest("GET", "http://a/b")
            guard case .yours(let recorder) = try scratch.cache.claim(request) else {
                Issue.record("nobody else fetches it")
                return
            }
            let body = [UInt8].pattern(200_000)
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<8 {
                    guard case .underWay(let fetch) = try scratch.cache.claim(request) else {
                        Issue.record("it is under way")
                        return
                    }
                    group.addTask {
                        let recording = try #require(try await fetch.recording())
                        var got: [UInt8] = []
                        while true {
                            switch await recording.progress(beyond: got.count) {
                            case .growing(let count): got += try recording.content.read(got.count..<count)
                            case .failed(let error): throw error
                            case .passed: fatalError("there is room")
                            case .finished(let recorded):
                                return got + (try recorded.content.read(got.count..<recorded.response.size))
                            }
                        }
                    }
                }
                _ = try recorder.begin(status: 200, headers: [])
                for start in stride(from: 0, to: body.count, by: 1000) {
                    try recorder.append(Array(body[start..<start + 1000]))
                    if start % 50_000 == 0 { await Task.yield() }
                }
                _ = try await recorder.finish()
                for try await got in group { #expect(got == body) }
            }
            guard case .recorded = try scratch.cache.claim(request) else {
                Issue.record("it is recorded")
                return
            }
        }
    }

    @Test(
        "is not what turns out longer than all that may be kept, which those who wanted it get",
        arguments: [false, true]
    )
    func tooLong(leaves: Bool) async throws {
        try await ScratchCache.with(limit: Memory(bytes: 10_000)) { scratch in
            let request = CacheRequest("GET", "http://a/b")
            guard case .yours(let recorder) = try scratch.cache.claim(request),
                let recording = try recorder.begin(status: 200, headers: [])
            else {
                Issue.record("nobody else fetches it")
                return
            }
            let body = [UInt8].pattern(50_000)
            var follower: Recording.Follower? = recording.follower()
            try recorder.append(Array(body[..<20_000]))
            if leaves {
                withExtendedLifetime(follower) {}
                follower = nil
                #expect(throws: DownloadCacheError.self) { try recorder.append(Array(body[20_000...])) }
            } else {
                try recorder.append(Array(body[20_000...]))
                #expect(try await recorder.finish()?.bytes() == body)
                withExtendedLifetime(follower) {}
            }
            #expect(try scratch.cache.lookup(request) == nil)
            #expect(try scratch.names(scratch.folder.incoming) == [])
            #expect(try scratch.care.verify().findings == [])
        }
    }

    @Test("goes on for those who read it when the disk is full in the midst of it, and is not kept")
    func fullDisk() async throws {
        await #expect(processExitsWith: .success) {
            FileSizes.limit(to: 100_000)
            try await ScratchCache.with { scratch in
                let request = CacheRequest("GET", "http://a/b")
                let body = [UInt8].pattern(3_000_000)
                guard case .yours(let recorder) = try scratch.cache.claim(request),
                    let recording = try recorder.begin(status: 200, headers: [])
                else { fatalError("nobody else fetches it") }
                let reader = recording.follower()
                var (given, got) = (0, [UInt8]())
                while got.count < body.count {
                    // As much as there is room for, and then it is read.
                    while given < body.count, try recorder.hasRoom() {
                        let next = min(given + 50_000, body.count)
                        try recorder.append(Array(body[given..<next]))
                        given = next
                    }
                    // What is held for readers is bounded.
                    precondition(given - got.count <= 1_300_000)
                    guard case .growing(let count) = await recording.progress(beyond: got.count) else {
                        fatalError("it has not ended")
                    }
                    let part = got.count..<count
                    let piece = try reader.held(part) ?? recording.content.read(part)
                    precondition(!piece.isEmpty)
                    got += piece
                    reader.hasRead(upTo: got.count)
                }
                let recorded = try await recorder.finish()
                precondition(recorded == nil && got == body)
                guard case .passed(body.count) = recording.progress else { fatalError("all has come") }
                precondition("\(recorder.unkept as Any)".contains("cannot write"))
                let (found, left) = (
                    try scratch.cache.lookup(request), try scratch.names(scratch.folder.incoming)
                )
                precondition(found == nil && left == [])
                // The next one may try.
                guard case .yours = try scratch.cache.claim(request) else { fatalError("nobody fetches it") }
            }
        }
    }

    @Test("is let go by whoever gives up: others are told, and may try themselves")
    func givenUp() async throws {
        try await ScratchCache.with { scratch in
            let request = CacheRequest("GET", "http://a/b")
            func start() throws -> Recorder? {
                guard case .yours(let recorder) = try scratch.cache.claim(request) else { return nil }
                return recorder
            }
            var recorder = try start()
            guard case .underWay(let early) = try scratch.cache.claim(request) else {
                Issue.record("it is under way")
                return
            }
            recorder = nil
            await #expect(throws: DownloadCacheError.self) { try await early.recording() }
            recorder = try start()
            let recording = try #require(try recorder?.begin(status: 200, headers: []))
            try recorder?.append([1, 2, 3])
            #expect(try scratch.names(scratch.folder.incoming).count == 1)
            recorder?.abandon("the server broke off")
            guard case .failed(let error) = await recording.progress(beyond: 3) else {
                Issue.record("it has failed")
                return
            }
            #expect("\(error)".contains("the server broke off"))
            #expect(try scratch.names(scratch.folder.incoming) == [])
            #expect(try scratch.cache.lookup(request) == nil)
            #expect(try start() != nil)
        }
    }

    @Test("does not wait for ever: who is cancelled stops to wait")
    func cancelled() async throws {
        try await ScratchCache.with { scratch in
            guard case .yours(let recorder) = try scratch.cache.claim(CacheRequest("GET", "http://a/b")),
                let recording = try recorder.begin(status: 200, headers: [])
            else {
                Issue.record("nobody else fetches it")
                return
            }
            let waiting = Task { await recording.progress(beyond: 0) }
            waiting.cancel()
            guard case .growing(0) = await waiting.value else {
                Issue.record("nothing has come")
                return
            }
        }
    }
}

/// A disk that is full, for a process that does nothing else.
enum FileSizes {
    /// No file may become longer: whoever writes more is told so.
    static func limit(to count: UInt) {
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: count, rlim_max: count)
        precondition(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
    }
}
