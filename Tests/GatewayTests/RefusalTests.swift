import Foundation
import LabModel
import Synchronization
import TestSupport
import Testing

@testable import Gateway

@Suite("A client that does not play by the rules", .timeLimit(.minutes(4)))
struct RefusalTests {
    /// A request that is refused, with a name for people.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let request: String
        let status: String
        init(_ name: String, _ request: String, _ status: String = "400") {
            (testDescription, self.request, self.status) = (name, request, status)
        }
    }

    private static let host = "Host: mirror-a.vlab.test\r\n"

    @Test(
        "is refused with the reason, and what it hid behind is not obeyed",
        arguments: [
            Case(
                "length and encoding at once",
                "POST /images/f HTTP/1.1\r\n\(host)Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
            Case(
                "two lengths",
                "GET /images/f HTTP/1.1\r\n\(host)Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"
            ),
            Case(
                "an encoding that is none",
                "GET /images/f HTTP/1.1\r\n\(host)Transfer-Encoding: identity\r\n\r\n"
            ),
            Case(
                "a blank before the colon",
                "GET /images/f HTTP/1.1\r\n\(host)Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"
            ),
            Case("a negative length", "GET /images/f HTTP/1.1\r\n\(host)Content-Length: -5\r\n\r\n"),
            Case(
                "a length with more behind",
                "GET /images/f HTTP/1.1\r\n\(host)Content-Length: 5x\r\n\r\nhello"
            ),
            Case("a folded field", "GET /images/f HTTP/1.1\r\n\(host) folded: yes\r\n\r\n"),
            Case("bare line feeds", "GET /images/f HTTP/1.1\n\(host)\n", "505"),
            Case("a NUL", "GET /images/f HTTP/1.1\r\n\(host)Bad\u{0}: x\r\n\r\n"),
            Case("a bare carriage return", "GET /images/f HTTP/1.1\r\n\(host)A: b\rc\r\n\r\n"),
            Case(
                "a chunk without size",
                "POST /images/f HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\nzz\r\n"
            ),
            Case("no host", "GET /images/f HTTP/1.1\r\n\r\n"),
            Case("two hosts", "GET /images/f HTTP/1.1\r\n\(host)\(host)\r\n"),
            Case("HTTP/2.0", "GET /images/f HTTP/2.0\r\n\(host)\r\n", "505"),
            Case("HTTP/0.9", "GET /images/f HTTP/0.9\r\n\(host)\r\n", "505"),
            Case("no path", "GET  HTTP/1.1\r\n\(host)\r\n"),
            Case("nonsense", "hello there\r\n\r\n"),
            Case(
                "an expectation",
                "GET /images/f HTTP/1.1\r\n\(host)Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
                "417"
            ),
            Case("a long path", "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n\(host)\r\n", "414"),
            Case(
                "many fields",
                "GET / HTTP/1.1\r\n\(host)\(String(repeating: "A: b\r\n", count: 200))\r\n",
                "431"
            ),
            Case(
                "a long field",
                "GET / HTTP/1.1\r\n\(host)A: \(String(repeating: "b", count: 66_000))\r\n\r\n",
                "431"
            ),
            Case(
                "fields that are long together",
                "GET / HTTP/1.1\r\n\(host)\(String(repeating: "A: \(String(repeating: "b", count: 7000))\r\n", count: 10))\r\n",
                "431"
            ),
            Case(
                "a long body",
                "POST /images/f HTTP/1.1\r\n\(host)Content-Length: 70000\r\n\r\n\(String(repeating: "b", count: 70000))",
                "413"
            ),
        ]
    )
    func refused(_ bad: Case) async throws {
        let (request, status) = (bad.request, bad.status)
        try await RunningGateway.with(files: { try $0.write("f", "hello") }) { lab in
            let client = try await RawClient(port: lab.ports.tcp)
            // What is smuggled behind must not be answered.
            try await client.send(request + "GET /images/f HTTP/1.1\r\nHost: mirror-a.vlab.test\r\n\r\n")
            await client.untilClosed()
            #expect(client.text.hasPrefix("HTTP/1.1 \(status) "), "\(client.text)")
            #expect(client.text.components(separatedBy: "HTTP/1.1 ").count == 2, "\(client.text)")
            #expect(client.text.contains("Connection: close\r\n"))
            let refused = await lab.events.first("http.refused")
            #expect(refused.details["status"] == status)
            #expect(refused.details["reason"]?.isEmpty == false)
            #expect(lab.events.named("http.served").isEmpty)
        }
    }

    @Test("is not one with a large ticket or many cookies, which goes outside as it is", arguments: [1, 7])
    func largeFields(count: Int) async throws {
        let value = String(repeating: "t", count: 64_000 / count)
        let heard = Mutex("")
        try await OutsideServer.with { guest in
            while let head = try await guest.hear(until: "\r\n\r\n") {
                heard.withLock { $0 += head }
                try await guest.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        } body: { port in
            try await RunningGateway.outside(port) { lab in
                let client = try await RawClient(port: lab.ports.tcp)
                let fields = (1...count).map { "X-Ticket-\($0): \(value)\r\n" }.joined()
                try await client.send("GET / HTTP/1.1\r\nHost: web.example.org\r\n\(fields)\r\n")
                #expect(await client.body(of: 2) == Array("ok".utf8))
                let sent = heard.withLock { $0 }
                #expect(sent.components(separatedBy: value).count == count + 1)
                // Through a proxy that wants one, too.
                let tunnel = try await RawClient(port: lab.ports.tcp)
                try await tunnel.send(
                    "CONNECT web.example.org:80 HTTP/1.1\r\nHost: web.example.org:80\r\n\(fields)\r\n"
                )
                try await eventually("a tunnel", within: .seconds(20), seen: { tunnel.text }) {
                    tunnel.text.hasPrefix("HTTP/1.1 200 ") ? true : nil
                }
            }
        }
    }

    @Test("disturbs nobody else")
    func undisturbed() async throws {
        try await RunningGateway.with(files: { try $0.write("f", "hello") }) { lab in
            let good = try await RawClient(port: lab.ports.tcp)
            let get = "GET /images/f HTTP/1.1\r\nHost: mirror-a.vlab.test\r\n\r\n"
            try await good.send(get)
            _ = await lab.events.first("http.served")
            let bad = try await RawClient(port: lab.ports.tcp)
            try await bad.send("nonsense\r\n\r\n")
            await bad.untilClosed()
            try await good.send(get)
            _ = await lab.events.wait(for: "http.served", count: 2)
            #expect(!good.isClosed)
        }
    }

    @Test(
        "and speaks something else is told nothing, and the lab what it was",
        arguments: [
            ([0x16, 0x03, 0x01, 0x02, 0x00], "TLS"), ([0x00, 0x01, 0x02], "not HTTP"),
            ([0x05, 0x01, 0x00], "not HTTP"),
        ] as [([UInt8], String)]
    )
    func notHTTP(bytes: [UInt8], words: String) async throws {
        try await RunningGateway.with { lab in
            let client = try await RawClient(port: lab.ports.tcp)
            try await client.send(bytes: bytes)
            await client.untilClosed()
            #expect(client.received.isEmpty)
            let refused = await lab.events.first("tcp.refused")
            #expect(refused.details["reason"]?.contains(words) == true)
        }
    }

    @Test(
        "is not waited for: neither in the header, nor in the body, nor before, nor between requests",
        arguments: [
            ("GET /images/f HT", "HTTP/1.1 408 "),
            ("GET /images/f HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\nhe", "HTTP/1.1 408 "),
            ("", ""), ("GET /images/f HTTP/1.1\r\n\(host)\r\n", "HTTP/1.1 200 "),
            ("GET /images/f HTTP/1.1\r\n\(host)\r\nGET /ima", "HTTP/1.1 200 "),
        ]
    )
    func slow(sent: String, answer: String) async throws {
        let limits = GatewayConfiguration.Limits(request: .seconds(3), idle: .seconds(3))
        try await RunningGateway.with(limits: limits, files: { try $0.write("f", "hello") }) { lab in
            let client = try await RawClient(port: lab.ports.tcp)
            if !sent.isEmpty { try await client.send(sent) }
            await client.untilClosed()
            #expect(client.text.hasPrefix(answer), "\(client.text)")
        }
    }

    @Test("or trickles its header is no better off for each byte")
    func slowloris() async throws {
        let limits = GatewayConfiguration.Limits(request: .seconds(2), idle: .seconds(60))
        try await RunningGateway.with(limits: limits) { lab in
            let client = try await RawClient(port: lab.ports.tcp)
            for byte in "GET / HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 1000)
            where !client.isClosed {
                // Sending fails once the gateway has closed: that is what the test waits for.
                try? await client.send(String(byte))
                try await Task.sleep(for: .milliseconds(5))
            }
            await client.untilClosed()
            #expect(lab.events.named("http.refused").map { $0.details["status"] } == ["408"])
        }
    }

    @Test("or sends a thousand requests and never reads takes no memory for it")
    func neverReads() async throws {
        try await RunningGateway.with(files: { try $0.write("f", .pattern(1_000_000)) }) { lab in
            let client = try await RawClient(port: lab.ports.tcp, reading: false)
            try await client.send(
                String(repeating: "GET /images/f HTTP/1.1\r\n\(Self.host)\r\n", count: 1000)
            )
            let other = try await shell("curl -sS -f -m 20 \(lab.host) \(lab.url("/images/f")) | wc -c")
            #expect(other.text == "1000000\n")
            #expect(lab.events.named("http.served").count < 100)
            try await client.close()
            _ = await lab.events.first { $0.details["outcome"] == "client left" }
        }
    }
}
