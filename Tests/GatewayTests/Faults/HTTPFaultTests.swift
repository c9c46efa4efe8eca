import Foundation
import LabModel
import TestSupport
import Testing

@testable import Gateway

/// What curl makes of a fault: its exit status, its words, and what it has got.
struct CurlCase: Sendable, CustomTestStringConvertible {
    let kind: String
    var arguments: [String: String] = [:]
    var options = ""
    /// As curl's manual numbers them.
    var exit: Int32 = 0
    /// In what it says or in the header.
    var words = ""
    /// Bytes of the body that it has got; nil where it is not known how many.
    var bytes: Int?
    var outcome: String?

    var testDescription: String {
        ([kind] + arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
    }
}

@Suite("A fault of HTTP is told by curl", .timeLimit(.minutes(4)))
struct HTTPFaultTests {
    static let data = Data.pattern(100_000)

    @Test(
        "in its own words, and is gone when it is healed",
        arguments: [
            CurlCase(
                kind: "http.reset",
                arguments: ["at": "5000"],
                exit: 56,
                words: "reset by peer",
                outcome: "reset"
            ),
            CurlCase(
                kind: "http.truncate",
                arguments: ["at": "30%"],
                exit: 18,
                words: "70000 bytes remaining",
                bytes: 30_000,
                outcome: "cut"
            ),
            CurlCase(
                kind: "http.truncate",
                arguments: ["at": "30%", "length": "bad"],
                words: "Content-Length: 30000",
                bytes: 30_000
            ),
            CurlCase(
                kind: "http.truncate",
                arguments: ["at": "12345", "length": "none"],
                words: "Connection: close",
                bytes: 12_345
            ),
            CurlCase(
                kind: "http.truncate",
                arguments: ["at": "30%", "ending": "reset"],
                exit: 56,
                words: "reset by peer",
                outcome: "reset"
            ),
            CurlCase(kind: "http.status", options: "-f", exit: 22, words: "503", bytes: 0),
            CurlCase(
                kind: "http.status",
                arguments: ["code": "429", "retry-after": "7"],
                words: "Retry-After: 7",
                bytes: 22
            ),
            CurlCase(kind: "http.missing", options: "-f", exit: 22, words: "404", bytes: 0),
            CurlCase(kind: "http.wrong-content", words: "Content-Type: text/html"),
            CurlCase(
                kind: "http.redirect-loop",
                options: "-L --max-redirs 5",
                exit: 47,
                words: "Maximum (5) redirects followed"
            ),
            CurlCase(kind: "http.proxy-auth", options: "-f", exit: 22, words: "407"),
            CurlCase(kind: "http.range-ignored", options: "-r 10-19", words: "200 OK", bytes: 100_000),
            CurlCase(kind: "http.range-ignored", options: "-C 10", exit: 33, words: "range"),
            CurlCase(kind: "http.chunked-without-end", exit: 18, words: "outstanding read data remaining"),
            CurlCase(kind: "http.empty-reply", exit: 52, words: "Empty reply", bytes: 0),
            CurlCase(kind: "http.malformed-header", exit: 1, words: "HTTP/0.9"),
            CurlCase(kind: "http.malformed-header", arguments: ["part": "field"], exit: 8, words: "Nul byte"),
            CurlCase(
                kind: "http.wrong-length",
                arguments: ["by": "100"],
                exit: 18,
                words: "100 bytes remaining",
                bytes: 100_000
            ),
            CurlCase(kind: "http.wrong-length", arguments: ["by": "-100"], words: "99900", bytes: 99_900),
            CurlCase(kind: "http.refuse", exit: 56, words: "reset by peer"),
            CurlCase(kind: "tcp.reset", exit: 56, words: "reset by peer", outcome: "reset"),
            CurlCase(kind: "tcp.reset", arguments: ["direction": "up"], exit: 56, outcome: "reset"),
            CurlCase(kind: "tcp.reset", arguments: ["after": "20ms"], exit: 56, outcome: "reset"),
            CurlCase(kind: "tcp.timeout", arguments: ["after": "50ms"], exit: 52, outcome: "cut"),
            CurlCase(kind: "tcp.limit", arguments: ["bytes": "5000"], exit: 18, outcome: "cut"),
            CurlCase(
                kind: "tcp.limit",
                arguments: ["bytes": "20", "direction": "up"],
                exit: 52,
                outcome: "cut"
            ),
            CurlCase(kind: "tcp.slice", arguments: ["size": "3K", "variation": "1K"], bytes: 100_000),
            CurlCase(kind: "tcp.latency", arguments: ["delay": "50ms", "jitter": "20ms"], bytes: 100_000),
        ]
    )
    func inItsWords(_ told: CurlCase) async throws {
        try await RunningGateway.with(files: { try $0.write("f", Self.data) }) { lab in
            try lab.gateway.install(Rule(id: "x", told.kind, told.arguments, match: Match(host: nil)))
            let curl = try await Self.curl(lab, told.options)
            // Versions of curl differ in how they number a reset; one that comes at once is no connection at all.
            let isReset = told.words == "reset by peer"
            let exits = isReset ? [told.exit, 35, 7] : [told.exit]
            #expect(exits.contains(curl.status), "\(curl.errors)")
            let said = curl.errors
            let words = isReset && curl.status == 7 ? "connect to" : told.words
            #expect(words.isEmpty || said.contains(words), "\(said)")
            if let bytes = told.bytes { #expect(curl.output.count == bytes) }
            let applied = lab.events.named("fault.applied")
            #expect(applied.first?.details["kind"] == told.kind)
            if let outcome = told.outcome {
                let served = await lab.events.first("http.served")
                #expect(served.details["outcome"] == outcome)
                #expect(served.details["faults"] == "x")
            }
            #expect(lab.gateway.remove("x"))
            let count = lab.events.named("fault.applied").count
            let whole = try await Self.curl(lab, "")
            let isWhole = whole.output == Self.data
            #expect(isWhole, "\(whole.errors)")
            #expect(lab.events.named("fault.applied").count == count)
        }
    }

    /// The header is in what it says, behind its errors.
    private static func curl(_ lab: RunningGateway, _ options: String) async throws -> Finished {
        try await shell(
            """
            curl -sS -m 20 -D '\(lab.folder.path)/head' \(options) \(lab.host) \(lab.url("/images/f"))
            status=$?
            cat '\(lab.folder.path)/head' >&2
            exit $status
            """
        )
    }

    @Test(
        "that waits for it: so far and no further, and goes on when it is healed",
        arguments: [
            ("http.slow-header", ["delay": "1h"], 0...0), ("http.stall", ["at": "777"], 777...777),
            ("http.slow", ["rate": "1"], 0...0), ("tcp.timeout", [:], 0...0),
            ("tcp.timeout", ["direction": "up"], 0...0), ("tcp.latency", ["delay": "1h"], 0...0),
            ("tcp.latency", ["delay": "1h", "direction": "up"], 0...0),
            ("tcp.bandwidth", ["rate": "1"], 0...0),
            ("tcp.bandwidth", ["rate": "1", "direction": "up"], 0...0),
            ("tcp.reset", ["at": "5000", "after": "1h"], 4000...5000),
            ("tcp.slice", ["size": "10K", "pause": "1h"], 0...0),
            ("tcp.slow-close", ["delay": "1h"], 100_000...100_000),
        ] as [(String, [String: String], ClosedRange<Int>)]
    )
    func holds(kind: String, arguments: [String: String], bytes: ClosedRange<Int>) async throws {
        try await RunningGateway.with(files: { try $0.write("f", Self.data) }) { lab in
            try lab.gateway.install(Rule(id: "x", kind, arguments))
            let client = try await RawClient(port: lab.ports.tcp)
            try await client.send("GET /images/f HTTP/1.1\r\nHost: mirror-a.vlab.test\r\n\r\n")
            _ = await lab.events.first("fault.applied")
            let before = await client.body(of: bytes.lowerBound).count
            #expect(bytes.contains(before), "\(before)")
            #expect(lab.events.named("http.served").isEmpty)
            #expect(!client.isClosed)
            #expect(lab.gateway.remove("x"))
            let isWhole = Data(await client.body(of: Self.data.count)) == Self.data
            #expect(isWhole)
            let served = await lab.events.first("http.served")
            #expect(served.details["outcome"] == "complete")
            // The connection has outlived it.
            try await client.send("GET /images/f HTTP/1.1\r\nHost: mirror-a.vlab.test\r\n\r\n")
            _ = await lab.events.wait(for: "http.served", count: 2)
        }
    }

    @Test("when bits flip: as many as were said, each time the same", arguments: [1, 2, 100])
    func corrupt(bits: Int) async throws {
        try await RunningGateway.with(files: { try $0.write("f", Self.data) }) { lab in
            try lab.gateway.install(Rule(id: "x", "http.corrupt", ["bits": "\(bits)", "seed": "5"]))
            let first = try await Self.curl(lab, "")
            let second = try await Self.curl(lab, "")
            #expect(first.status == 0)
            let isSame = first.output == second.output
            #expect(isSame)
            #expect(first.output.count == Self.data.count)
            let flipped = zip(first.output, Self.data).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
            #expect(flipped == bits)
        }
    }

    @Test("when one byte is wrong, at its place")
    func corruptAt() async throws {
        try await RunningGateway.with(files: { try $0.write("f", Self.data) }) { lab in
            try lab.gateway.install(Rule(id: "x", "http.corrupt", ["bits": "8", "at": "4321"]))
            let curl = try await Self.curl(lab, "")
            var expected = Self.data
            expected[4321] ^= 0xFF
            let isRight = curl.output == expected
            #expect(isRight)
        }
    }

    @Test("only where it has something to act on: the others do not count")
    func notCounted() async throws {
        try await RunningGateway.with(files: { try $0.write("f", Self.data) }) { lab in
            let first = Occurrence.first(1, perClient: false)
            let kinds = [
                ("http.truncate", ["at": "60000"]), ("http.reset", ["at": "60000"]),
                ("http.corrupt", ["at": "60000"]),
                ("tcp.limit", ["bytes": "60000"]), ("tcp.reset", ["at": "60000"]),
                ("http.range-ignored", [:]), ("http.expired-signature", [:]),
            ]
            for (kind, arguments) in kinds {
                try lab.gateway.install(Rule(id: kind, kind, arguments, occurrence: first))
            }
            #expect(try await Self.curl(lab, "-I").status == 0)
            let client = try await RawClient(port: lab.ports.tcp)
            // Not the version asked for: a short answer.
            try await client.send(
                "GET /images/f HTTP/1.1\r\nHost: mirror-a.vlab.test\r\nIf-Match: x\r\nConnection: close\r\n\r\n"
            )
            await client.untilClosed()
            #expect(client.text.hasPrefix("HTTP/1.1 412 "))
            #expect(lab.events.named("fault.applied").isEmpty)
        }
    }

    @Test("of connections cannot be had for a path")
    func noPath() async throws {
        try await RunningGateway.with { lab in
            #expect(throws: GatewayError.noSuchFault(id: "x", .noPath(kind: "http.refuse"))) {
                try lab.gateway.install(Rule(id: "x", "http.refuse", match: Match(path: "**/f")))
            }
        }
    }

    @Test(
        "beside another on the same request: each does its own",
        arguments: [
            (["http.slow": ["rate": "400K"], "http.truncate": ["at": "40000"]], 18, 40_000),
            (["http.corrupt": ["at": "100"], "http.truncate": ["at": "50%", "length": "bad"]], 0, 50_000),
            (["tcp.latency": ["delay": "30ms"], "http.status": ["code": "500"]], 0, 26),
            (["tcp.slice": ["size": "5000"], "tcp.limit": ["bytes": "20000"]], 18, nil),
            (["http.range-ignored": [:], "http.stall": ["at": "50000", "hold": "30ms"]], 0, 100_000),
            (["tcp.bandwidth": ["rate": "300K"], "http.slow": ["rate": "500K"]], 0, 100_000),
        ] as [([String: [String: String]], Int32, Int?)]
    )
    func pairs(faults: [String: [String: String]], exit: Int32, bytes: Int?) async throws {
        try await RunningGateway.with(files: { try $0.write("f", Self.data) }) { lab in
            for (kind, arguments) in faults { try lab.gateway.install(Rule(id: kind, kind, arguments)) }
            let curl = try await Self.curl(lab, faults.keys.contains("http.range-ignored") ? "-r 5-9" : "")
            #expect(curl.status == exit, "\(curl.errors)")
            if let bytes { #expect(curl.output.count == bytes) }
            let served = await lab.events.first("http.served")
            let bitten = Set((served.details["faults"] ?? "").split(separator: ",").map(String.init))
            #expect(bitten == Set(faults.keys))
        }
    }

    private static let late = "Valid-Until: Sat, 01 Jan 2000 00:00:00 UTC\n"
    private static let signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"

    @Test(
        "gets a date into a Release file, behind what a signed one begins with, however it comes",
        arguments: [
            (
                signed + "Origin: Debian\nSuite: stable\nSHA256:\n 00 1 a\n",
                signed + late + "Origin: Debian\nSuite: stable\nSHA256:\n 00 1 a\n"
            ),
            (
                "Origin: a\nValid-Until: Fri, 01 Jan 2100 00:00:00 UTC\nSuite: b\n",
                "Origin: a\n" + late + "Suite: b\n"
            ),
            (
                "Origin: a\nSHA256:\n 00 1 a\nValid-Until: Fri, 01 Jan 2100 00:00:00 UTC",
                late + "Origin: a\nSHA256:\n 00 1 a\n" + late.dropLast()
            ),
            ("Origin: a", late + "Origin: a"), ("no file of a mirror", "no file of a mirror"), ("", ""),
        ] as [(String, String)],
        [1, 7, 1000]
    )
    func expired(texts: (String, String), step: Int) {
        var text = ExpiringText(Array(Self.late.utf8.dropLast()))
        var edited: [UInt8] = []
        let bytes = Array(texts.0.utf8)
        for start in stride(from: 0, to: bytes.count, by: step) {
            edited += text.take(bytes[start..<min(start + step, bytes.count)])
        }
        edited += text.finish()
        #expect(String(decoding: edited, as: UTF8.self) == texts.1)
        #expect(text.isChanged == (texts.0 != texts.1))
    }

    @Test("goes by as it comes: no more of a Release file is held than its beginning, or a line")
    func streamed() {
        var text = ExpiringText(Array(Self.late.utf8.dropLast()))
        let list =
            Array("Origin: a\nSHA256:\n".utf8) + Array(String(repeating: " 00 1 a\n", count: 40_000).utf8)
        let endless = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        var (taken, given) = (0, 0)
        for piece in [list, endless, endless] {
            taken += piece.count
            given += text.take(piece).count
            #expect(given + (64 << 10) >= taken)
        }
        given += text.finish().count
        #expect(given == taken + Self.late.utf8.count)
    }

    @Test("answers with the beginning of a Release file before its end has come")
    func early() async throws {
        let (asked, goOn) = (Latch<Void>(), Latch<Void>())
        try await OutsideServer.with { guest in
            while try await guest.hear(until: "\r\n\r\n") != nil {
                let head = "Origin: a\nSHA256:\n 00 1 a\n"
                try await guest.say(
                    "HTTP/1.1 200 OK\r\nContent-Length: \(head.utf8.count + 8)\r\n\r\n" + head
                )
                asked.set(())
                _ = await goOn.value
                try await guest.say(" 01 1 b\n")
            }
        } body: { port in
            try await RunningGateway.outside(port, mode: .direct, change: { _ in }) { lab in
                try lab.gateway.install(Rule(id: "e", "http.expired-signature"))
                let client = try await RawClient(port: lab.ports.tcp)
                try await client.send(
                    "GET http://deb.example.org/dists/stable/Release HTTP/1.1\r\nHost: deb.example.org\r\n\r\n"
                )
                _ = await asked.value
                try await eventually("the first lines", within: .seconds(20)) {
                    client.text.contains("Origin: a\n") ? true : nil
                }
                #expect(client.text.contains(Self.late) && !client.text.contains(" 01 1 b"))
                goOn.set(())
                try await eventually("the last line", within: .seconds(20)) {
                    client.text.contains(" 01 1 b\n") ? true : nil
                }
                #expect(lab.gateway.installed.first?.bites == 1)
            }
        }
    }

    @Test("also when the client has the file already, in part or in another version")
    func versions() async throws {
        try await RunningGateway.with(files: {
            try $0.write("f", Self.data)
            try $0.write("Release", "Origin: a\n")
        }) { lab in
            func curl(_ path: String, _ options: String) async throws -> Finished {
                try await shell("curl -sS -m 20 \(options) \(lab.host) '\(lab.url("/images/" + path))'")
            }
            let etag = try await curl("f", "-I").text.split(separator: "\r\n").first { $0.hasPrefix("ETag") }
            let tag = String(try #require(etag).dropFirst("ETag: ".count))
            try lab.gateway.install(Rule(id: "s", "http.stale"))
            var stale = Self.data
            stale[50_000] ^= 1
            #expect(try await curl("f", "-H 'If-None-Match: \(tag)'").output == stale)
            #expect(try await curl("f", "-r 0-9 -H 'If-Range: \(tag)'").output == stale)
            #expect(try await curl("f", "-r 49990-50009").output == stale[49_990..<50_010])
            #expect(lab.gateway.installed.first?.bites == 3)
            #expect(try await curl("f", "-r 0-99").output == stale[..<100])
            #expect(lab.gateway.installed.first?.bites == 3, "that part is the same in both versions")
            #expect(lab.gateway.remove("s"))
            try lab.gateway.install(Rule(id: "z", "http.stale", ["differs": "size"]))
            let end = try await curl("f", "-i -r 99990-")
            #expect(end.text.contains("Content-Range: bytes 99990-99998/99999\r\n"), "\(end.text)")
            try lab.gateway.install(Rule(id: "e", "http.expired-signature"))
            let release = try await curl("Release", "-r 0-3 -z '2099-01-01'")
            #expect(release.text.hasPrefix("Valid-Until: Sat, 01 Jan 2000"), "\(release.text)")
        }
    }
}
