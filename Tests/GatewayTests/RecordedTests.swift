import DownloadCache
import Foundation
import Glibc
import LabModel
import NIOCore
import Synchronization
import SystemPackage
import TestSupport
import Testing
import Uplink

@testable import Gateway

@Suite("What was downloaded once", .timeLimit(.minutes(2)))
struct RecordedTests {
    private static let url = "http://deb.example.org/pool/a.deb"

    /// A gateway that records what one server outside says.
    private struct Bed {
        let lab: RunningGateway
        let care: CacheCare
        private let count: () -> Int

        /// How often the server outside was asked.
        var asked: Int { count() }

        /// `answer` says all that follows a request's header; it is told how many there were before.
        static func with(
            change: (inout GatewayConfiguration) -> Void = { _ in },
            _ answer: @escaping @Sendable (OutsideServer.Guest, Int) async throws -> Void,
            body: @escaping (Bed) async throws -> Void
        ) async throws {
            let asked = Mutex(0)
            let folder = try TemporaryFolder()
            let path = FilePath(folder.path).appending("downloads")
            let cache = try DownloadCache(folder: path)
            try await OutsideServer.with { guest in
                while try await guest.hear(until: "\r\n\r\n") != nil {
                    let former = asked.withLock { asked in
                        defer { asked += 1 }
                        return asked
                    }
                    try await answer(guest, former)
                }
            } body: { port in
                let all = { (configuration: inout GatewayConfiguration) in
                    configuration.downloads = cache
                    change(&configuration)
                }
                try await RunningGateway.outside(port, mode: .record, change: all) { lab in
                    let care = try CacheCare(folder: path)
                    try await body(Bed(lab: lab, care: care) { asked.withLock { $0 } })
                    #expect(try care.verify().findings == [])
                }
            }
        }

        private init(lab: RunningGateway, care: CacheCare, count: @escaping () -> Int) {
            (self.lab, self.care, self.count) = (lab, care, count)
        }

        /// Until so many responses are recorded.
        func recorded(_ count: Int = 1) async throws {
            try await eventually("\(count) recorded responses", within: .seconds(30)) {
                try care.list().count == count ? true : nil
            }
        }

        /// What the cache alone answers.
        func replayed(_ options: String = "") async throws -> Finished {
            lab.gateway.uplinkMode = .cache
            return try await lab.curl("\(options) -w '%{http_code}' \(RecordedTests.url)")
        }
    }

    private static func answer(_ length: Int, fields: String = "") -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\(fields)\r\n"
    }

    @Test("comes from the cache, whole, in part or not at all, and without a way out")
    func replay() async throws {
        try await Bed.with { guest, _ in
            try await guest.say(Self.answer(11, fields: "ETag: \"v1\"\r\n") + "hello world")
        } body: {
            bed in
            let lab = bed.lab
            // A part of what is not there yet: all of it is fetched.
            #expect(try await lab.curl("-r 6-8 \(Self.url)").text == "wor")
            try await bed.recorded()
            lab.gateway.uplinkMode = .cache
            let whole = try await lab.curl("-i \(Self.url)")
            #expect(whole.text.hasSuffix("hello world") && whole.text.contains("ETag: \"v1\"\r\n"))
            #expect(try await lab.curl("-r 0-4 -w '%{http_code}' \(Self.url)").text == "hello206")
            #expect(
                try await lab.curl("-H 'If-None-Match: \"v1\"' -w '%{http_code}' \(Self.url)").text == "304"
            )
            #expect(try await lab.curl("-I \(Self.url)").text.contains("Content-Length: 11\r\n"))
            let other = try await lab.curl("-w '%{http_code}' http://deb.example.org/other")
            #expect(other.text.contains("was not recorded") && other.text.hasSuffix("504"))
            #expect(bed.asked == 1)
            let last = await lab.events.wait(for: "http.served", count: 6)
            #expect(last.details["reason"]?.contains("was not recorded") == true)
            let sources = lab.events.named("http.served").compactMap { $0.details["source"] }
            #expect(sources == ["uplink", "cache", "cache", "cache", "cache", "gateway"])
        }
    }

    @Test(
        "is not kept when the server breaks off: the client sees that something lacks",
        arguments: [answer(11), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"]
    )
    func brokenOff(head: String) async throws {
        try await Bed.with { guest, _ in
            try await guest.say(head + "hello")
            guest.channel.close(promise: nil)
        } body: { bed in
            let curl = try await bed.lab.curl(Self.url)
            #expect(curl.status == 18 && curl.text == "hello", "\(curl.errors)")
            let served = await bed.lab.events.first("http.served")
            #expect(served.details["outcome"]?.hasPrefix("broken off outside") == true, "\(served)")
            #expect(try await bed.replayed().text.hasSuffix("504"))
            #expect(try bed.care.list() == [] && bed.asked >= 1)
        }
    }

    @Test("is fetched once for all who want it at the same time, who have it as it comes")
    func together() async throws {
        let (begun, go) = (Latch<Void>(), Latch<Void>())
        try await Bed.with { guest, _ in
            try await guest.say(Self.answer(11) + "hello ")
            begun.set(())
            _ = await go.value
            try await guest.say("world")
        } body: { bed in
            let lab = bed.lab
            let clients = try await withThrowingTaskGroup(of: RawClient.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let client = try await RawClient(port: lab.ports.tcp)
                        try await client.send("GET \(Self.url) HTTP/1.1\r\nHost: deb.example.org\r\n\r\n")
                        _ = await client.body(of: 6)
                        return client
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            _ = await begun.value
            // One who comes when nobody may ask outside any more still gets what is under way.
            lab.gateway.uplinkMode = .cache
            let late = try await RawClient(port: lab.ports.tcp)
            try await late.send(
                "GET \(Self.url) HTTP/1.1\r\nHost: deb.example.org\r\nRange: bytes=6-\r\n\r\n"
            )
            await late.wait(for: "HTTP/1.1 206 Partial Content\r\n".utf8.count)
            go.set(())
            for client in clients { #expect(await client.body(of: 11) == Array("hello world".utf8)) }
            #expect(await late.body(of: 5) == Array("world".utf8))
            #expect(bed.asked == 1 && lab.dials.named("uplink.dialled").count == 1)
        }
    }

    @Test("is recorded to its end although the client for whom it was fetched has left")
    func left() async throws {
        let go = Latch<Void>()
        try await Bed.with { guest, _ in
            try await guest.say(Self.answer(11) + "hello ")
            _ = await go.value
            try await guest.say("world")
        } body: { bed in
            let client = try await RawClient(port: bed.lab.ports.tcp)
            try await client.send("GET \(Self.url) HTTP/1.1\r\nHost: deb.example.org\r\n\r\n")
            _ = await client.body(of: 6)
            try await client.close()
            let served = await bed.lab.events.first("http.served")
            #expect(served.details["outcome"] == "client left", "\(served)")
            #expect(try bed.care.list() == [])
            go.set(())
            try await bed.recorded()
            #expect(try await bed.replayed().text == "hello world200")
            #expect(bed.asked == 1)
        }
    }

    @Test("lets a client go at once that leaves before anything was answered, whoever else waits")
    func leftEarly() async throws {
        let go = Latch<Void>()
        try await Bed.with { guest, _ in
            _ = await go.value
            try await guest.say(Self.answer(5) + "hello")
        } body: { bed in
            let request = "GET \(Self.url) HTTP/1.1\r\nHost: deb.example.org\r\n\r\n"
            for count in 1...2 {
                let client = try await RawClient(port: bed.lab.ports.tcp)
                try await client.send(request)
                try await eventually("a request that waits", within: .seconds(20)) {
                    bed.lab.gateway.connections.count == 1 && bed.asked == 1 ? true : nil
                }
                try await client.close()
                let served = await bed.lab.events.wait(for: "http.served", count: count)
                #expect(served.details["outcome"] == "client left", "\(served)")
                #expect(served.details["status"] == nil, "\(served)")
                try await eventually("no connection", within: .seconds(20)) {
                    bed.lab.gateway.connections.isEmpty ? true : nil
                }
            }
            go.set(())
            try await bed.recorded()
            #expect(try await bed.replayed().text == "hello200")
            #expect(bed.asked == 1)
        }
    }

    @Test("is given up when the server falls silent, and then the next one may try")
    func silent() async throws {
        let limit = { (configuration: inout GatewayConfiguration) in
            configuration.limits.silence = .seconds(3)
        }
        try await Bed.with(change: limit) { guest, former in
            if former == 0 { try await guest.say(Self.answer(11) + "hello ") }
        } body: { bed in
            let half = try await bed.lab.curl(Self.url)
            #expect(half.status == 18 && half.text == "hello ", "\(half)")
            let none = try await bed.lab.curl("-w '%{http_code}' \(Self.url)")
            #expect(none.text.hasSuffix("504") && none.text.contains("has said nothing"), "\(none.text)")
            #expect(try bed.care.list() == [] && bed.asked == 2)
        }
    }

    @Test("goes on when the disk is full in the midst of it: whole, not kept, and told with an event")
    func fullDisk() async throws {
        await #expect(processExitsWith: .success) { try await RecordedTests.downloadOnFullDisk() }
    }

    /// In a process of its own, which may write no file longer than a megabyte.
    private static func downloadOnFullDisk() async throws {
        signal(SIGXFSZ, SIG_IGN)
        let file = [UInt8](repeating: 0, count: 8 << 20).enumerated().map {
            UInt8(truncatingIfNeeded: $0.0 >> 8)
        }
        try await Bed.with { guest, former in
            // With a length, and without one.
            try await guest.say(
                former == 0 ? Self.answer(file.count) : "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
            )
            try await guest.say(ByteBuffer(bytes: file))
            if former > 0 { guest.channel.close(promise: nil) }
        } body: { bed in
            var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
            precondition(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            for count in 1...2 {
                let curl = try await bed.lab.curl(Self.url)
                precondition(curl.status == 0 && Array(curl.output) == file, "\(curl.status) \(curl.errors)")
                let event = await bed.lab.events.wait(for: "http.unkept", count: count)
                precondition(event.details["url"] == Self.url, "\(event)")
                precondition(event.details["reason"]?.contains("cannot write") == true, "\(event)")
            }
            let kept = try bed.care.list()
            precondition(kept == [] && bed.asked == 2)
        }
    }

    @Test("answers HEAD as the server did, which need not have said a length")
    func head() async throws {
        try await Bed.with { guest, _ in
            try await guest.say("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\n\r\n")
        } body: { bed in
            for _ in 1...2 {
                let curl = try await bed.lab.curl("-I \(Self.url)")
                #expect(curl.text.contains("ETag") && !curl.text.contains("Content-Length"), "\(curl.text)")
                try await bed.recorded()
            }
            #expect(bed.asked == 1)
        }
    }

    @Test("is not what changes something: that goes outside each time, with its conditions and its body")
    func changes() async throws {
        let heard = Heard()
        let folder = try TemporaryFolder()
        let cache = try DownloadCache(folder: FilePath(folder.path))
        try await OutsideServer.with { guest in
            while let head = try await guest.hear(until: "\r\n\r\n") {
                heard.add(head.lowercased())
                try await guest.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        } body: { port in
            try await RunningGateway.outside(port, mode: .record, change: { $0.downloads = cache }) { lab in
                let push = "-H 'Content-Type: application/x-git-receive-pack-request' -d refs"
                for options in ["-X DELETE -H 'If-Match: \"v1\"'", "-X POST", push] {
                    for _ in 1...2 {
                        let curl = try await lab.curl("\(options) \(Self.url)")
                        #expect(curl.text == "ok", "\(curl.text)\(curl.errors)")
                    }
                }
                #expect(heard.list.count == 6)
                #expect(heard.list.count { $0.contains("if-match: \"v1\"") } == 2)
                #expect(try CacheCare(folder: FilePath(folder.path)).list() == [])
            }
        }
    }

    // MARK: - A gateway that is killed

    @Test("is whole or not there when the gateway is killed while it records", arguments: UInt32(1)...8)
    func killed(seed: UInt32) async throws {
        let folder = try TemporaryFolder()
        // Each by its seed somewhere between the first download and the last.
        let moment = 100_000 + seed &* 2_654_435_761 % 900_000
        try await #require(processExitsWith: .signal(SIGKILL)) {
            [path = folder.path as String, moment = moment as UInt32] in
            do {
                try await RecordedTests.recordUntilKilled(path, after: moment)
            } catch {
                fatalError("\(error)")
            }
        }
        let path = FilePath(folder.path)
        let care = try CacheCare(folder: path)
        #expect(try care.verify().findings == [])
        let cache = try DownloadCache(folder: path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/incoming") == [])
        for listing in try care.list() {
            let recorded = try #require(try cache.lookup(CacheRequest("GET", listing.url)))
            let name = listing.url.split(separator: "/").last.map(String.init) ?? ""
            #expect((try recorded.content.read(0..<recorded.response.size) == Self.file(name)) == true)
        }
    }

    /// In a process of its own, with real clients that ask for more than there is time for.
    private static func recordUntilKilled(_ folder: String, after moment: UInt32) async throws {
        let cache = try DownloadCache(folder: FilePath(folder))
        try await OutsideServer.with { guest in
            while let asked = try await guest.hear(until: "\r\n\r\n") {
                let path = asked.split(separator: " ").dropFirst().first ?? ""
                let file = file(path.split(separator: "/").last.map(String.init) ?? "")
                try await guest.say("HTTP/1.1 200 OK\r\nContent-Length: \(file.count)\r\n\r\n")
                for start in stride(from: 0, to: file.count, by: 50_000) {
                    try await guest.say(ByteBuffer(bytes: file[start..<min(file.count, start + 50_000)]))
                }
            }
        } body: { port in
            try await RunningGateway.outside(port, mode: .record, change: { $0.downloads = cache }) { lab in
                Thread.detachNewThread {
                    usleep(moment)
                    kill(getpid(), SIGKILL)
                }
                while true { _ = try await lab.curl("-Z -o /dev/null 'http://a.example.org/[0-99]'") }
            }
        }
    }

    /// What that server has under a name: up to a megabyte.
    private static func file(_ name: String) -> [UInt8] {
        let number = Int(name) ?? 0
        return (0..<number * 10_000).map { UInt8(truncatingIfNeeded: $0 &* (number + 7) >> 3) }
    }
}
