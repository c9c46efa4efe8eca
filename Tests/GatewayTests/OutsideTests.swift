import Foundation
import LabModel
import NIOCore
import Synchronization
import Testing
import Uplink

@testable import Gateway

@Suite("A server outside the lab", .timeLimit(.minutes(4)))
struct OutsideTests {
    private static let url = "http://deb.example.org/pool/a.deb"

    /// Answers every request on a connection with the same bytes.
    private static func saying(
        _ answer: String,
        thenClose: Bool = false
    ) -> @Sendable (OutsideServer.Guest) async throws -> Void {
        { guest in
            while try await guest.hear(until: "\r\n\r\n") != nil {
                try await guest.say(answer)
                if thenClose { return }
            }
        }
    }

    @Test("is asked as the client asked, and its answer is the client's")
    func get() async throws {
        let heard = Heard()
        try await OutsideServer.with { guest in
            while let head = try await guest.hear(until: "\r\n\r\n") {
                heard.add(head)
                try await guest.say(
                    "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 Fine\r\nContent-Length: 5\r\nETag: \"v1\"\r\nServer: apt\r\n"
                        + "Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-End: 2\r\n\r\nhello"
                )
            }
        } body: { port in
            try await RunningGateway.outside(port) { lab in
                let curl = try await lab.curl(
                    "-i -H 'X-Mine: yes' -H 'Connection: X-Own' -H 'X-Own: 1' '\(Self.url)?a=b'"
                )
                #expect(curl.text.hasSuffix("\r\n\r\nhello"), "\(curl.text)\(curl.errors)")
                let head = curl.text.lowercased()
                #expect(
                    head.contains("etag: \"v1\"") && head.contains("server: apt") && head.contains("x-end: 2")
                )
                #expect(!head.contains("x-hop") && !head.contains("keep-alive: timeout"))
                let asked = try #require(heard.list.first)
                #expect(
                    asked.hasPrefix("GET /pool/a.deb?a=b HTTP/1.1\r\nHost: deb.example.org\r\n"),
                    "\(asked)"
                )
                #expect(asked.lowercased().contains("x-mine: yes") && !asked.lowercased().contains("x-own"))
                #expect(!asked.lowercased().contains("proxy-connection"))
                let served = await lab.events.first("http.served")
                #expect(served.details["source"] == "uplink" && served.details["bytes"] == "5")
                #expect(served.details["url"] == Self.url + "?a=b" && served.details["outcome"] == "complete")
            }
        }
    }

    @Test(
        "may end its body as it likes, and clients of either version get all of it",
        arguments: [
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n",
                false
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde", false),
            ("HTTP/1.0 200 OK\r\n\r\nabcde", true),
            ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde", true),
        ],
        ["", "-0"]
    )
    func framing(answer: (String, Bool), version: String) async throws {
        try await OutsideServer.with(Self.saying(answer.0, thenClose: answer.1)) { port in
            try await RunningGateway.outside(port) { lab in
                let curl = try await lab.curl("-i \(version) \(Self.url)")
                #expect(
                    curl.status == 0 && curl.text.hasSuffix("\r\n\r\nabcde"),
                    "\(curl.text)\(curl.errors)"
                )
                #expect(!curl.text.lowercased().contains("x-trailer"))
                if !version.isEmpty { #expect(!curl.text.lowercased().contains("chunked")) }
            }
        }
    }

    @Test(
        "that breaks off in the middle is seen to by the client",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabcde",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        ]
    )
    func brokenOff(answer: String) async throws {
        try await OutsideServer.with(Self.saying(answer, thenClose: true)) { port in
            try await RunningGateway.outside(port) { lab in
                let curl = try await lab.curl(Self.url)
                // «transfer closed with outstanding read data remaining».
                #expect(
                    curl.status == 18 && curl.text == "abcde",
                    "\(curl.status) \(curl.text)\(curl.errors)"
                )
                let served = await lab.events.first("http.served")
                #expect(served.details["outcome"]?.hasPrefix("broken off outside") == true, "\(served)")
            }
        }
    }

    @Test("whose answer has no body is answered at once", arguments: ["204 No Content", "304 Not Modified"])
    func noBody(status: String) async throws {
        try await OutsideServer.with(Self.saying("HTTP/1.1 \(status)\r\nETag: \"a\"\r\n\r\n")) { port in
            try await RunningGateway.outside(port) { lab in
                let curl = try await lab.curl("-i \(Self.url)")
                #expect(
                    curl.status == 0 && curl.text.contains("HTTP/1.1 \(status.prefix(3))"),
                    "\(curl.text)\(curl.errors)"
                )
                #expect(!curl.text.lowercased().contains("content-length"))
                #expect(!curl.text.lowercased().contains("transfer-encoding"))
            }
        }
    }

    @Test("says how much there would be, to HEAD", arguments: ["Content-Length: 1234\r\n", ""])
    func head(length: String) async throws {
        try await OutsideServer.with(Self.saying("HTTP/1.1 200 OK\r\n\(length)\r\n")) { port in
            try await RunningGateway.outside(port) { lab in
                let curl = try await lab.curl("-I \(Self.url)")
                #expect(curl.status == 0, "\(curl.errors)")
                #expect(curl.text.contains("Content-Length: 1234") == !length.isEmpty, "\(curl.text)")
                if length.isEmpty {
                    #expect(!curl.text.lowercased().contains("content-length"), "\(curl.text)")
                }
            }
        }
    }

    @Test("keeps its connection for the next request, and is asked anew when it has closed it silently")
    func pool() async throws {
        let connections = Heard()
        try await OutsideServer.with { guest in
            connections.add("one")
            for _ in 1...2 {
                guard try await guest.hear(until: "\r\n\r\n") != nil else { return }
                try await guest.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
            // Reads the third request and leaves without a word.
            _ = try await guest.hear(until: "\r\n\r\n")
        } body: { port in
            try await RunningGateway.outside(port) { lab in
                for count in [1, 1, 2] {
                    let curl = try await lab.curl(Self.url)
                    #expect(curl.status == 0 && curl.text == "ok", "\(curl.text)\(curl.errors)")
                    #expect(connections.list.count == count)
                }
            }
        }
    }

    @Test(
        "is asked for whatever path the client wants, which is its own matter",
        arguments: ["/flat/./InRelease", "/a/../b", "/caf%E9", "/100%", "/a%00b"]
    )
    func path(raw: String) async throws {
        let heard = Heard()
        try await OutsideServer.with { guest in
            heard.add(try await guest.hear(until: "\r\n\r\n") ?? "")
            try await guest.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        } body: { port in
            try await RunningGateway.outside(port) { lab in
                let curl = try await lab.curl("--path-as-is 'http://deb.example.org\(raw)'")
                #expect(curl.text == "ok", "\(curl.text)\(curl.errors)")
                #expect(heard.list.first?.hasPrefix("GET \(raw) HTTP/1.1\r\n") == true, "\(heard.list)")
            }
        }
    }

    @Test("is asked although the client expects to be told to send a body that it has not")
    func expectation() async throws {
        try await OutsideServer.with(Self.saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) { port in
            try await RunningGateway.outside(port) { lab in
                let curl = try await lab.curl("-H 'Expect: 100-continue' \(Self.url)")
                #expect(curl.text == "ok", "\(curl.text)\(curl.errors)")
            }
        }
    }

    @Test("that breaks off is told by a reset where the end of the connection is that of the body")
    func brokenOffWithoutLength() async throws {
        let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"
        try await OutsideServer.with(Self.saying(answer, thenClose: true)) { port in
            try await RunningGateway.outside(port) { lab in
                let curl = try await lab.curl("-0 \(Self.url)")
                // «Recv failure: Connection reset by peer».
                #expect(curl.status == 56, "\(curl.status) \(curl.text)\(curl.errors)")
            }
        }
    }

    // MARK: - Bodies that go up

    /// Counts a request's body by its Content-Length, or until the last chunk, and says its digest.
    private static let digester: @Sendable (OutsideServer.Guest) async throws -> Void = { guest in
        var heard = ByteBuffer()
        var head: String?
        var length = Int.max
        while let bytes = try await guest.hear() {
            heard.writeImmutableBuffer(bytes)
            if head == nil, let end = heard.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) {
                let text = String(decoding: heard.readableBytesView[..<end.lowerBound], as: UTF8.self)
                head = text.lowercased()
                heard.moveReaderIndex(to: end.upperBound)
                if let field = head?.components(separatedBy: "content-length: ").dropFirst().first {
                    length = Int(field.prefix { $0.isNumber }) ?? .max
                }
            }
            let isOver =
                length == .max
                ? heard.readableBytesView.suffix(5).elementsEqual(Array("0\r\n\r\n".utf8))
                : heard.readableBytes >= length
            if head != nil, isOver {
                let kind = length == .max ? "chunked" : "\(heard.readableBytes)"
                let sum = heard.readableBytesView.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF_FFFF }
                let answer = length == .max ? kind : "\(kind) \(sum)"
                let expect = head?.contains("expect:") == true ? " expects" : ""
                try await guest.say(
                    "HTTP/1.1 200 OK\r\nContent-Length: \((answer + expect).utf8.count)\r\n\r\n\(answer)\(expect)"
                )
                return
            }
        }
    }

    @Test("is sent bodies of any size", arguments: ["-X POST --data-binary", "-T"])
    func upload(option: String) async throws {
        let data = Data.pattern(300_000)
        let sum = data.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF_FFFF }
        try await OutsideServer.with(Self.digester) { port in
            try await RunningGateway.outside(port) { lab in
                let file = try lab.folder.write("up", data)
                let argument = option == "-T" ? file : "@\(file)"
                // It waits for the answer to its expectation longer than for the whole.
                let curl = try await lab.curl(
                    "-H 'Expect: 100-continue' --expect100-timeout 30 \(option) \(argument) \(Self.url)"
                )
                #expect(curl.text == "300000 \(sum)", "\(curl.text)\(curl.errors)")
                let piped = try await lab.curl("-T - \(Self.url) < \(file)")
                #expect(piped.text == "chunked", "\(piped.text)\(piped.errors)")
            }
        }
    }

    @Test("that wants no body says so, and the client hears it")
    func early() async throws {
        try await OutsideServer.with { guest in
            _ = try await guest.hear(until: "\r\n\r\n")
            try await guest.say("HTTP/1.1 413 Too Much\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n")
            // Neither reads nor closes before the other side does.
            try await Task.sleep(for: .seconds(600))
        } body: { port in
            try await RunningGateway.outside(port) { lab in
                let file = lab.folder.path + "/up"
                _ = try await shell("truncate -s 20M '\(file)'")
                let curl = try await lab.curl(
                    "-w '%{http_code}' -H 'Expect:' --data-binary @\(file) \(Self.url)"
                )
                #expect(curl.text.hasPrefix("no\n413"), "\(curl.text)\(curl.errors)")
            }
        }
    }

    // MARK: - Without an answer

    @Test("that cannot be reached is told with the reason")
    func unreachable() async throws {
        try await RunningGateway.outside(1) { lab in
            let curl = try await lab.curl("-w '%{http_code}' \(Self.url)")
            #expect(curl.text.contains("Connection refused") && curl.text.hasSuffix("502"), "\(curl.text)")
            lab.gateway.uplinkMode = .none
            let none = try await lab.curl("-w '%{http_code}' \(Self.url)")
            #expect(none.text.contains("there is no uplink") && none.text.hasSuffix("502"), "\(none.text)")
            // The lab's own servers are asked first.
            let own = try await lab.curl("-w '%{http_code}' http://mirror-a.vlab.test/images/none")
            #expect(own.text.hasSuffix("404"), "\(own.text)")
        }
    }

    @Test(
        "that speaks no proper HTTP is told so",
        arguments: [
            "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        ]
    )
    func malformed(answer: String) async throws {
        try await OutsideServer.with(Self.saying(answer, thenClose: true)) { port in
            try await RunningGateway.outside(port) { lab in
                let curl = try await lab.curl("-w '%{http_code}' \(Self.url)")
                #expect(curl.text.contains("no HTTP") && curl.text.hasSuffix("502"), "\(curl.text)")
            }
        }
    }

    @Test("is asked through the host's proxy in absolute form")
    func proxied() async throws {
        let heard = Heard()
        try await OutsideServer.with { guest in
            heard.add(try await guest.hear(until: "\r\n\r\n") ?? "")
            try await guest.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        } body: { port in
            try await RunningGateway.outside(
                port,
                environment: ["http_proxy": "http://u:p@127.0.0.1:\(port)"]
            ) { lab in
                let curl = try await lab.curl("\(Self.url)")
                #expect(curl.text == "ok", "\(curl.text)\(curl.errors)")
                let asked = try #require(heard.list.first)
                #expect(asked.hasPrefix("GET \(Self.url) HTTP/1.1\r\nHost: deb.example.org\r\n"))
                #expect(asked.contains("Proxy-Authorization: Basic dTpw\r\n"))
            }
        }
    }

    @Test("is left when the client leaves")
    func clientLeaves() async throws {
        let left = Heard()
        try await OutsideServer.with { guest in
            _ = try await guest.hear(until: "\r\n\r\n")
            // Says nothing; sees the end.
            if try await guest.hear() == nil { left.add("left") }
        } body: { port in
            try await RunningGateway.outside(port) { lab in
                let curl = try await lab.curl("-m 5 \(Self.url)")
                #expect(curl.status == 28)
                let served = await lab.events.first("http.served")
                #expect(served.details["outcome"] == "client left", "\(served)")
                #expect(served.details["status"] == nil && served.details["reason"] == nil, "\(served)")
                while left.list.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            }
        }
    }
}
