import DownloadCache
import Foundation
import LabModel
import Synchronization
import SystemPackage
import Testing
import Uplink

@testable import Gateway

@Suite("What was downloaded once", .timeLimit(.minutes(1)))
struct RecordedTests {
    private static let url = "http://deb.example.org/pool/a.deb"

    /// Outside there is one file; how often it was asked for.
    private static func with(
        _ answer: String,
        thenClose: Bool = false,
        body: @escaping (RunningGateway, _ asked: () -> Int, _ care: CacheCare) async throws -> Void
    ) async throws {
        let asked = Mutex(0)
        let folder = try TemporaryFolder()
        let path = FilePath(folder.path).appending("downloads")
        let cache = try DownloadCache(folder: path)
        try await OutsideServer.with { guest in
            while try await guest.hear(until: "\r\n\r\n") != nil {
                asked.withLock { $0 += 1 }
                try await guest.say(answer)
                if thenClose { return }
            }
        } body: { port in
            try await RunningGateway.outside(port, mode: .record, change: { $0.downloads = cache }) { lab in
                try await body(lab, { asked.withLock { $0 } }, try CacheCare(folder: path))
            }
        }
    }

    @Test("comes from the cache, whole, in part or not at all, and without a way out")
    func replay() async throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nETag: \"v1\"\r\n\r\nhello world"
        try await Self.with(answer) { lab, asked, care in
            // A part of what is not there yet: all of it is fetched.
            #expect(try await lab.curl("-r 6-8 \(Self.url)").text == "wor")
            try await eventuallyRecorded(care)
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
            #expect(asked() == 1)
            _ = await lab.events.wait(for: "http.served", count: 6)
            let sources = lab.events.named("http.served").compactMap { $0.details["source"] }
            #expect(sources == ["uplink", "cache", "cache", "cache", "cache", "gateway"])
            #expect(try care.verify().findings == [])
        }
    }

    @Test("is not kept when the server breaks off: the client sees a short body")
    func brokenOff() async throws {
        try await Self.with("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello", thenClose: true) {
            lab,
            asked,
            care in
            let curl = try await lab.curl(Self.url)
            #expect(curl.status == 18 && curl.text == "hello", "\(curl.errors)")
            lab.gateway.uplinkMode = .cache
            #expect(try await lab.curl("-w '%{http_code}' \(Self.url)").text.hasSuffix("504"))
            #expect(try care.list() == [] && asked() >= 1)
        }
    }

    private func eventuallyRecorded(_ care: CacheCare) async throws {
        for _ in 0..<100 where try care.list() == [] { try await Task.sleep(for: .milliseconds(50)) }
        #expect(try care.list().count == 1)
    }
}
