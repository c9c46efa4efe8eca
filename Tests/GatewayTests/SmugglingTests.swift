import Foundation
import LabModel
import Testing

@testable import Gateway

@Suite("A request that two readers could end at different places", .timeLimit(.minutes(4)))
struct SmugglingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let request: String
        let statuses: Set<String>
        init(_ name: String, _ request: String, _ statuses: Set<String> = ["400"]) {
            (testDescription, self.request, self.statuses) = (name, request, statuses)
        }
    }

    private static let host = "Host: mirror-a.vlab.test\r\n"
    private static let post = "POST /images/f HTTP/1.1\r\n\(host)"
    private static let get = "GET /images/f HTTP/1.1\r\n\(host)"
    private static func chunked(_ body: String) -> String {
        "\(post)Transfer-Encoding: chunked\r\n\r\n\(body)"
    }

    static let cases = [
        Case(
            "an encoding before chunked",
            "\(post)Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            ["400", "501"]
        ),
        Case("an encoding behind chunked", "\(post)Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
        Case("an encoding like chunked", "\(post)Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        Case("an encoding in quotes", "\(post)Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
        Case("a vertical tab before chunked", "\(post)Transfer-Encoding: \u{0B}chunked\r\n\r\n0\r\n\r\n"),
        Case(
            "chunked twice",
            "\(post)Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        Case(
            "chunked, and no",
            "\(post)Transfer-Encoding: chunked\r\nTransfer-Encoding: no\r\n\r\n0\r\n\r\n"
        ),
        Case("an empty encoding", "\(post)Transfer-Encoding:\r\n\r\n"),
        Case(
            "chunked in HTTP/1.0",
            "POST /images/f HTTP/1.0\r\n\(host)Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        Case(
            "encoding before length",
            "\(post)Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"
        ),
        Case("a length with a sign", "\(post)Content-Length: +5\r\n\r\nhello"),
        Case("a length in hexadecimal", "\(post)Content-Length: 0x5\r\n\r\nhello"),
        Case("a list of lengths", "\(post)Content-Length: 5, 5\r\n\r\nhello"),
        Case("two numbers for a length", "\(post)Content-Length: 5 5\r\n\r\nhello"),
        Case("no length for a length", "\(post)Content-Length:\r\n\r\n"),
        Case("a length on the next line", "\(post)Content-Length:\r\n 5\r\n\r\nhello"),
        Case("a length beyond all numbers", "\(post)Content-Length: 99999999999999999999\r\n\r\n"),
        Case(
            "a length beyond what is taken",
            "\(post)Content-Length: 9223372036854775807\r\n\r\n",
            ["400", "413"]
        ),
        Case("the same length twice", "\(post)Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
        Case("a length in other letters", "\(post)Content-Length: 5\r\ncontent-length: 6\r\n\r\nhello"),
        Case("a length with a NUL", "\(post)Content-Length: 5\u{0}\r\n\r\nhello"),
        Case("a chunk too large for any number", chunked("FFFFFFFFFFFFFFFFF\r\n"), ["400"]),
        Case(
            "a chunk larger than what is taken",
            chunked("FFFFF\r\n" + String(repeating: "b", count: 70_000)),
            ["413"]
        ),
        Case("a chunk of negative size", chunked("-1\r\n")),
        Case("a chunk in C's hexadecimal", chunked("0x5\r\nhello\r\n0\r\n\r\n")),
        Case("a blank before a chunk", chunked(" 5\r\nhello\r\n0\r\n\r\n")),
        Case("a chunk longer than it says", chunked("5\r\nhelloX\r\n0\r\n\r\n")),
        Case("a chunk with bare line feeds", chunked("5\nhello\n0\n\n")),
        Case("a chunk with a bare carriage return", chunked("5\rXhello\r\n0\r\n\r\n")),
        Case("a NUL in a chunk's extension", chunked("5;a=\u{0}\r\nhello\r\n0\r\n\r\n")),
        Case("a line feed in a chunk's extension", chunked("5;a\nX\r\nhello\r\n0\r\n\r\n")),
        Case(
            "a thousand trailers",
            chunked("0\r\n" + String(repeating: "A: b\r\n", count: 1000) + "\r\n"),
            ["400", "431"]
        ),
        Case(
            "a thousand long trailers",
            chunked(
                "0\r\n" + String(repeating: "A: \(String(repeating: "b", count: 900))\r\n", count: 100)
                    + "\r\n"
            ),
            ["400", "431"]
        ),
        Case("a header without a colon", "GET /images/f HTTP/1.1\r\n\(host)Nothing\r\n\r\n"),
        Case("a header without a name", "GET /images/f HTTP/1.1\r\n\(host): b\r\n\r\n"),
        Case("a blank in a name", "GET /images/f HTTP/1.1\r\n\(host)A B: c\r\n\r\n"),
        Case("a header that begins with a blank", "GET /images/f HTTP/1.1\r\n \(host)\r\n"),
        Case("a header that begins with a tab", "GET /images/f HTTP/1.1\r\n\(host)\tA: b\r\n\r\n"),
        Case("a control character in a name", "GET /images/f HTTP/1.1\r\n\(host)A\u{01}: b\r\n\r\n"),
        Case("a NUL in a value", "GET /images/f HTTP/1.1\r\n\(host)A: \u{0}\r\n\r\n"),
        Case("hosts in other letters", "GET /images/f HTTP/1.1\r\n\(host)hOST: b.test\r\n\r\n"),
        Case("a host with a path", "GET /images/f HTTP/1.1\r\nHost: mirror-a.vlab.test/x\r\n\r\n"),
        Case("a blank in the path", "GET /images/f x HTTP/1.1\r\n\(host)\r\n", ["400", "505"]),
        Case("a version in small letters", "GET /images/f http/1.1\r\n\(host)\r\n", ["400", "505"]),
        Case("a blank behind the version", "GET /images/f HTTP/1.1 \r\n\(host)\r\n", ["400", "505"]),
        Case("a version to come", "GET /images/f HTTP/1.9\r\n\(host)\r\n", ["400", "505"]),
        Case("a version of two digits", "GET /images/f HTTP/1.10\r\n\(host)\r\n", ["400", "505"]),
        Case("no version", "GET /images/f\r\n\(host)\r\n", ["400", "505"]),
        Case("a bare carriage return in the path", "GET /images/f\rx HTTP/1.1\r\n\(host)\r\n"),
        Case("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ["400", "505"]),
        Case("a method that is none", "G@T /images/f HTTP/1.1\r\n\(host)\r\n"),
        Case("a header of a megabyte", "\(get)A: \(String(repeating: "b", count: 1 << 20))\r\n\r\n", ["431"]),
        Case(
            "many fields of one name",
            "\(get)\(String(repeating: "Cookie: a\r\n", count: 5000))\r\n",
            ["431"]
        ),
    ]

    @Test("is refused, and nothing behind it is obeyed", arguments: cases)
    func refused(_ bad: Case) async throws {
        try await RunningGateway.with(files: { try $0.write("f", "hello") }) { lab in
            let client = try await RawClient(port: lab.ports.tcp)
            // The gateway may close before all of it is sent.
            try? await client.send(bad.request + Self.get + "\r\n")
            await client.untilClosed()
            let status = client.text.dropFirst("HTTP/1.1 ".count).prefix(3)
            #expect(bad.statuses.contains(String(status)), "\(client.text)")
            #expect(client.text.components(separatedBy: "HTTP/1.1 ").count == 2, "\(client.text)")
            #expect(lab.events.named("http.served").isEmpty)
        }
    }

    @Test(
        "ends the connection, but not what came before it",
        arguments: ["\u{0}\u{1}\u{2}\r\n\r\n", "hello\r\n\r\n", "GET /images/f HTTP/1.1\r\nHost : x\r\n\r\n"]
    )
    func behindAGoodOne(garbage: String) async throws {
        try await RunningGateway.with(files: { try $0.write("f", "hello") }) { lab in
            let client = try await RawClient(port: lab.ports.tcp)
            try await client.send(Self.get + "\r\n" + Self.get + "\r\n" + garbage + Self.get + "\r\n")
            await client.untilClosed()
            let parts = client.text.components(separatedBy: "HTTP/1.1 ").dropFirst().map { $0.prefix(3) }
            // The parser reads ahead of the answers: a good request just before may share the end of the bad one.
            #expect(parts.last == "400" && parts.dropLast().allSatisfy { $0 == "200" }, "\(client.text)")
            #expect(lab.events.named("http.refused").count == 1)
        }
    }

    @Test(
        "trickles in, header or body or chunk, is waited for no longer than any other",
        arguments: [
            get, "\(post)Content-Length: 60000\r\n\r\n", chunked("FFFF\r\n"), chunked("5;"), chunked("0\r\n"),
        ]
    )
    func slowloris(beginning: String) async throws {
        let limits = GatewayConfiguration.Limits(request: .seconds(3), idle: .seconds(60))
        try await RunningGateway.with(limits: limits) { lab in
            let client = try await RawClient(port: lab.ports.tcp)
            try await client.send(beginning)
            for _ in 0..<2000 where !client.isClosed {
                // Sending fails once the gateway has closed: that is what the test waits for.
                try? await client.send("a")
                try await Task.sleep(for: .milliseconds(5))
            }
            await client.untilClosed()
            #expect(lab.events.named("http.refused").map { $0.details["status"] } == ["408"])
        }
    }

    @Test("never ends, in the extension of a chunk, takes no memory")
    func endlessExtension() async throws {
        let limits = GatewayConfiguration.Limits(request: .seconds(2), idle: .seconds(60))
        try await RunningGateway.with(limits: limits) { lab in
            let client = try await RawClient(port: lab.ports.tcp)
            try await client.send(Self.chunked("5;"))
            let more = String(repeating: "x", count: 1 << 16)
            for _ in 0..<10_000 where !client.isClosed {
                // As above.
                try? await client.send(more)
            }
            await client.untilClosed()
            let refused = lab.events.named("http.refused").compactMap { $0.details["status"] }
            #expect(refused.count == 1 && ["400", "408", "431", "413"].contains(refused.first ?? ""))
        }
    }
}
