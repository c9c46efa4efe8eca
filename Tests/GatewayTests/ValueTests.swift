import LabModel
import NIOHTTP1
import Testing

@testable import Gateway

@Suite("Patterns")
struct GlobTests {
    @Test(
        "match as people expect",
        arguments: [
            ("**/disk.img", "/images/micro/current/disk.img", true), ("**/disk.img", "/disk.img", true),
            ("**/disk.img", "/images/disk.img.gz", false),
            ("/images/*/current/*", "/images/micro/current/disk.img", true),
            ("/images/*", "/images/micro/disk.img", false), ("**", "", true), ("**", "/a/b", true),
            ("*", "mirror.test", true),
            ("mirror-?.vlab.test", "mirror-a.vlab.test", true),
            ("mirror-?.vlab.test", "mirror-.vlab.test", false),
            ("?", "/", false), ("", "", true), ("", "a", false), ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXbY", false),
            ("***", "a/b", true), ("**a**a**b", String(repeating: "a", count: 5000), false),
            ("*ö*", "möbel", true),
        ]
    )
    func match(pattern: String, text: String, matches: Bool) {
        #expect(Glob(pattern).matches(text) == matches)
    }
}

@Suite("Ranges")
struct ByteRangeTests {
    @Test(
        "are read as RFC 9110 says",
        arguments: [
            ("bytes=0-0", .part(0..<1)), ("bytes=0-", .part(0..<10)), ("bytes=3-5", .part(3..<6)),
            ("bytes=3-99", .part(3..<10)),
            ("bytes=-3", .part(7..<10)), ("bytes=-99", .part(0..<10)), ("bytes=9-9", .part(9..<10)),
            ("Bytes=1-", .part(1..<10)),
            ("bytes=10-", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=5-3", .whole),
            ("bytes=a-", .whole),
            ("bytes=-", .whole), ("bytes=1-2,4-5", .whole), ("lines=1-2", .whole), ("bytes", .whole),
            ("", .whole),
            ("bytes=0-99999999999999999999", .part(0..<10)), ("bytes=99999999999999999999-", .unsatisfiable),
            ("bytes=-99999999999999999999", .part(0..<10)), ("bytes=+1-2", .whole), ("bytes=--1", .whole),
        ] as [(String, ByteRange)]
    )
    func read(field: String, range: ByteRange) { #expect(ByteRange(field, size: 10) == range) }

    @Test("of nothing cannot be had")
    func empty() {
        #expect(ByteRange("bytes=0-", size: 0) == .unsatisfiable)
        #expect(ByteRange("bytes=-5", size: 0) == .unsatisfiable)
    }
}

@Suite("Dates in HTTP")
struct HTTPDateTests {
    @Test("are written and read")
    func both() {
        #expect(HTTPDate.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate("Sun, 06 Nov 1994 08:49:37 GMT")?.seconds == 784_111_777)
        #expect(HTTPDate("yesterday") == nil)
        #expect(HTTPDate("Sunday, 06-Nov-94 08:49:37 GMT") == nil)
    }
}

@Suite("The catalogue of faults")
struct FaultFormTests {
    @Test("shows for each kind how it may be said", arguments: FaultCatalogue.forms.map(\.name))
    func examples(name: String) throws {
        let form = try #require(FaultCatalogue.forms.first { $0.name == name })
        #expect(throws: Never.self) { try FaultCatalogue.fault(name, form.example) }
        #expect(form.example.count == form.parameters.count { $0.usual == nil })
    }
}

@Suite("Sizes that a fault is given")
struct FaultSizeTests {
    @Test(
        "are refused where no stream is that long, before anybody adds to them",
        arguments: [
            ("http.stall", "at"), ("http.truncate", "at"), ("http.reset", "at"), ("tcp.reset", "at"),
            ("tcp.slice", "size"), ("tcp.slice", "variation"), ("tcp.bandwidth", "rate"),
        ]
    )
    func tooLarge(kind: String, name: String) throws {
        let form = try #require(FaultCatalogue.forms.first { $0.name == kind })
        for size in ["9223372036854775807", "1125899906842625", "1025T"] {
            #expect(throws: FaultError.self) {
                try FaultCatalogue.fault(kind, form.example.merging([name: size]) { $1 })
            }
        }
        #expect(throws: Never.self) {
            try FaultCatalogue.fault(kind, form.example.merging([name: "1024T"]) { $1 })
        }
    }
}

@Suite("Hosts that a rule or a policy names")
struct HostPatternTests {
    @Test("are meant in any case of letters")
    func letters() throws {
        let subject = Subject(
            client: Client(address: .v4(RunningGateway.node), node: nil),
            host: "mirror-a.vlab.test"
        )
        #expect(Match(host: "Mirror-?.VLAB.test").fits(subject))
        var match = Match()
        match.host = "*.VLAB.TEST"
        #expect(match.fits(subject))
        match.host = "~^mirror-[A]"
        #expect(!match.fits(subject))
        let policy = HTTPSPolicy(pass: ["*.Bank.Example"], usual: .open)
        #expect(policy.treatment(of: "my.bank.example", isOwn: false, in: .record) == .pass)
    }
}

@Suite("The target of a request")
struct RequestTargetTests {
    private func target(
        _ uri: String,
        host: String?...,
        version: HTTPVersion = .http1_1,
        server: String? = nil
    ) throws -> RequestTarget {
        var head = HTTPRequestHead(version: version, method: .GET, uri: uri)
        for host in host { if let host { head.headers.add(name: "Host", value: host) } }
        return try RequestTarget(head, server: server)
    }

    @Test("is a path with a host, or a URL")
    func forms() throws {
        #expect(try target("/a%20b?c#d", host: "Mirror.Test:80").path == "/a b")
        #expect(try target("/a", host: "Mirror.Test:80").host == "mirror.test")
        #expect(try target("http://Mirror.Test:8080/a", host: "other").host == "mirror.test")
        #expect(try target("http://mirror.test", host: "other").path == "/")
        #expect(try target("http://mirror.test?q", host: "other").raw == "/?q")
        #expect(try target("/a", host: "liar", server: "truth.test").host == "truth.test")
        #expect(try target("/a", version: .http1_0, server: "truth.test").host == "truth.test")
    }

    @Test("has the same host with the root's dot and without")
    func rootDot() throws {
        for host in ["Mirror.Test.", "mirror.test.:80", "mirror.test"] {
            #expect(try target("/a", host: host).host == "mirror.test")
        }
        #expect(try target("http://mirror.test.:81/a", host: "other").port == 81)
    }

    @Test(
        "may be one that only a server outside can make something of",
        arguments: [
            ("/a%20b", "/a b", true), ("/a/./b", "/a/./b", true), ("/a/...", "/a/...", true),
            ("/../a", "/../a", false), ("/%2E%2e/a", "/../a", false), ("/a%00", "/a\0", false),
            ("/%", "/%", false), ("/%g0", "/%g0", false), ("/%+1", "/%+1", false), ("/%ff", "/%ff", false),
        ]
    )
    func paths(uri: String, path: String, isProper: Bool) throws {
        let read = try target(uri, host: "a.test")
        #expect(read.path == path && read.isProper == isProper && read.raw == uri)
    }

    @Test(
        "is refused when two readers could disagree on it",
        arguments: [
            ("/a", ["a.test", "b.test"]), ("/a", []), ("a", ["a.test"]), ("*", ["a.test"]),
            ("/a", ["a.test:80:90"]), ("/a", ["user@a.test"]), ("/a", ["a test"]), ("/a", [""]),
            ("/a", ["."]), ("ftp://a.test/", ["a.test"]), ("http:///a", ["a.test"]),
        ]
    )
    func refused(uri: String, hosts: [String]) {
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: uri)
        for host in hosts { head.headers.add(name: "Host", value: host) }
        let refusal = #expect(throws: HTTPRefusal.self) { try RequestTarget(head, server: nil) }
        #expect(refusal?.status == .badRequest)
    }
}
