import Foundation
import LabModel
import NIOCore
import Testing

@testable import Gateway

@Suite("HTTPS", .timeLimit(.minutes(4)))
struct HTTPSTests {
    @Test("is served as HTTP is: whole, in parts, on one connection, and broken by the same rules")
    func served() async throws {
        let data = Data.pattern(1_000_000)
        try await RunningGateway.with(files: { try $0.write("f", data) }) { lab in
            let twice = try await shell(
                "\(lab.https) https://mirror-a.vlab.test/images/f https://mirror-a.vlab.test/images/f"
            )
            let isWhole = twice.output == data + data
            #expect(isWhole, "\(twice.errors)")
            let part = try await shell("\(lab.https) -r 10-19 https://mirror-b.vlab.test/images/f")
            #expect(part.output == data[10..<20])
            _ = await lab.events.wait(for: "http.served", count: 3)
            let served = lab.events.named("http.served").map(\.details)
            #expect(served.map { $0["url"] }.first == "https://mirror-a.vlab.test/images/f")
            #expect(served.map { $0["status"] } == ["200", "200", "206"])
            let opened = lab.events.named("tls.opened").map(\.details)
            #expect(opened.map { $0["name"] } == ["mirror-a.vlab.test", "mirror-b.vlab.test"])
            #expect(opened.map { $0["port"] } == ["443", "443"])
            try lab.gateway.install(
                Rule(id: "s", "http.stall", ["at": "12345"], match: Match(port: 443, path: "**/f"))
            )
            let file = lab.folder.path + "/part"
            _ = try await shell(
                curlUntil(12345, in: file, "\(lab.trust) https://mirror-a.vlab.test/images/f")
            )
            #expect(try lab.folder.read("part") == data.prefix(12345))
            let fault = await lab.events.first("fault.applied")
            #expect(fault.details["url"] == "https://mirror-a.vlab.test/images/f")
        }
    }

    @Test("tells who is refused why, and what is outside the lab is outside here too")
    func refused() async throws {
        try await RunningGateway.with { lab in
            let outside = try await shell("\(lab.https) -w ' %{http_code}' https://github.com/a")
            #expect(outside.text.contains("github.com is outside the lab"), "\(outside.errors)")
            #expect(outside.text.hasSuffix(" 502"))
            let bad = try await shell(
                "\(lab.https) -w ' %{http_code}' -H 'Host: a b' https://mirror-a.vlab.test/"
            )
            #expect(bad.text.hasSuffix(" 400"), "\(bad.text)\(bad.errors)")
        }
    }

    @Test("of a client that does not trust the authority is refused by it, with or without a word")
    func untrusted() async throws {
        try await RunningGateway.with(files: { try $0.write("f", "hello") }) { lab in
            let untrusting = lab.https.replacing("--cacert \(lab.folder.path)/ca.pem", with: "")
            let curl = try await shell("\(untrusting) https://mirror-a.vlab.test/images/f")
            #expect(curl.status == 60, "\(curl.errors)")
            #expect(curl.errors.contains("unable to get local issuer certificate"))
            let refused = await lab.events.first("tls.refused")
            #expect(refused.details["name"] == "mirror-a.vlab.test")
            #expect(refused.details["reason"] == "the client does not trust the authority (unknown_ca)")
            // GnuTLS, as wget has it, looks at the certificate when the handshake is over.
            let wget = try await shell("wget -q -T 10 -t 1 -O - https://127.0.0.1:\(lab.ports.tcp)/images/f")
            #expect(wget.status == 5, "\(wget.errors)")
            let left = await lab.events.wait(for: "tls.refused", count: 2)
            #expect(left.details["name"] == "localhost")
            #expect(left.details["reason"]?.contains("left after the handshake without a word") == true)
            #expect(lab.events.named("http.served").isEmpty)
        }
    }

    @Test(
        "is broken in the handshake, in curl's own words",
        arguments: [
            ("tls.expired", "certificate has expired", "the client found the certificate expired"),
            ("tls.not-yet-valid", "certificate is not yet valid", "the client found the certificate bad"),
            ("tls.wrong-name", "no alternative certificate subject name matches", nil),
            ("tls.unknown-ca", "unable to get local issuer certificate", "does not trust the authority"),
            ("tls.self-signed", "self-signed certificate", "does not trust the authority"),
            ("tls.handshake-failure", "alert handshake failure", "the gateway said handshake_failure"),
            ("tls.version", "protocol version", "unsupported protocol"),
        ] as [(String, String, String?)]
    )
    func faults(kind: String, words: String, reason: String?) async throws {
        try await RunningGateway.with(files: { try $0.write("f", "hello") }) { lab in
            try lab.gateway.install(
                Rule(
                    id: "t",
                    kind,
                    match: Match(host: "mirror-a.*.test"),
                    occurrence: .first(1, perClient: false)
                )
            )
            let url = "https://mirror-a.vlab.test/images/f"
            let other = try await shell("\(lab.https) https://mirror-b.vlab.test/images/f")
            #expect(other.text == "hello")
            let curl = try await shell("\(lab.https) \(url)")
            #expect(curl.status != 0)
            #expect(curl.errors.contains(words), "\(curl.errors)")
            if let reason {
                let refused = await lab.events.first("tls.refused")
                #expect(refused.details["reason"]?.contains(reason) == true, "\(refused.details)")
                #expect(refused.details["faults"] == "t")
            }
            let applied = await lab.events.first("fault.applied")
            #expect(applied.details["kind"] == kind)
            #expect(try await shell("\(lab.https) \(url)").text == "hello", "the next one is served")
        }
    }

    @Test("that is to pass is not opened, unless it is the lab's own")
    func passed() async throws {
        let policy = HTTPSPolicy(
            open: ["*.example.org"],
            pass: ["b.example.org", "mirror-a.vlab.test"],
            usual: .pass
        )
        #expect(policy.treatment(of: "a.example.org", isOwn: false, in: .record) == .open)
        #expect(policy.treatment(of: "b.example.org", isOwn: false, in: .record) == .pass)
        #expect(policy.treatment(of: "c.example.net", isOwn: false, in: .record) == .pass)
        #expect(HTTPSPolicy().treatment(of: "c.example.net", isOwn: false, in: .direct) == .pass)
        #expect(HTTPSPolicy().treatment(of: "c.example.net", isOwn: true, in: .direct) == .open)
        for mode in [UplinkMode.none, .cache, .record] {
            #expect(HTTPSPolicy().treatment(of: "c.example.net", isOwn: false, in: mode) == .open)
        }
        try await RunningGateway.with(https: policy, files: { try $0.write("f", "hello") }) { lab in
            #expect(try await shell("\(lab.https) https://mirror-a.vlab.test/images/f").text == "hello")
            let passed = try await shell("\(lab.https) https://b.example.org/")
            #expect(passed.status == 35, "\(passed.errors)")
            let refused = await lab.events.first("tcp.refused")
            #expect(refused.details["name"] == "b.example.org")
        }
    }

    @Test("that begins and is malformed, or does not go on, disturbs nobody")
    func malformed() async throws {
        let limits = GatewayConfiguration.Limits(request: .seconds(2))
        try await RunningGateway.with(limits: limits, files: { try $0.write("f", "hello") }) { lab in
            let hello = Array(ClientHelloTests.hello.readableBytesView)
            for (bytes, reason) in [
                ([22, 3, 1, 0, 0], "a record has 0 bytes"), (Array(hello.dropLast()), "it does not end"),
            ] as [([UInt8], String)] {
                let client = try await RawClient(port: lab.ports.tcp)
                try await client.send(bytes: bytes)
                await client.untilClosed()
                let refused = await lab.events.first { $0.details["reason"]?.contains(reason) == true }
                #expect(refused.event == "tcp.refused")
            }
            // Whole, and then silence: no handshake comes of it.
            let client = try await RawClient(port: lab.ports.tcp)
            try await client.send(bytes: hello)
            await client.untilClosed()
            let refused = await lab.events.first("tls.refused")
            #expect(refused.details["name"] == "mirror-a.vlab.test")
            #expect(try await shell("\(lab.https) https://mirror-a.vlab.test/images/f").text == "hello")
        }
    }
}

extension RunningGateway {
    /// For curl: the authority alone is trusted, and every server on port 443 is here.
    fileprivate var trust: String {
        "--tlsv1.2 --cacert \(folder.path)/ca.pem --connect-to ::127.0.0.1:\(ports.tcp)"
    }
    fileprivate var https: String { "env -u SSL_CERT_DIR -u SSL_CERT_FILE curl -sS -m 20 \(trust)" }
}
