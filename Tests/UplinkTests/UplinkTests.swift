import Foundation
import Glibc
import LabModel
import Synchronization
import TestSupport
import Testing

@testable import Uplink

@Suite("The way out of a lab", .timeLimit(.minutes(1)))
struct UplinkTests {
    private static let greeter: @Sendable (Int32) -> Void = { guest in
        Wire.write("SSH-2.0-greeting\n", to: guest)
        Wire.write("got " + Wire.read(from: guest), to: guest)
    }

    private static func failure(_ body: () async throws -> Void) async throws -> UplinkError {
        try await #require(throws: UplinkError.self) { try await body() }
    }

    @Test("leads to a server on the host by the server's own socket", arguments: UplinkPurpose.allCases)
    func direct(purpose: UplinkPurpose) async throws {
        let server = try LoopbackServer(Self.greeter)
        try await RunningUplink.with { uplink in
            let connection = try await uplink.client.connect(
                host: "127.0.0.1",
                port: server.port,
                purpose: purpose
            )
            #expect(connection.form == .direct)
            #expect(Wire.read(from: connection.socket.number) == "SSH-2.0-greeting\n")
            Wire.write("hello\n", to: connection.socket.number)
            #expect(Wire.read(from: connection.socket.number) == "got hello\n")
            // It is closed on exec: no child of the lab's has it by chance.
            #expect(fcntl(connection.socket.number, F_GETFD) & FD_CLOEXEC != 0)
            let event = try #require(uplink.events.dialled.first)
            #expect(event["host"] == "127.0.0.1" && event["port"] == "\(server.port)")
            #expect(event["purpose"] == purpose.rawValue && event["error"] == nil)
            #expect(try #require(Double(event["seconds"] ?? "")) < 5)
        }
    }

    @Test("takes the address that answers when a name has several")
    func addresses() async throws {
        // «localhost» is 127.0.0.1 and mostly ::1; only one of the two has a server.
        for family in [AF_INET, AF_INET6] {
            let server = try LoopbackServer(family: family, Self.greeter)
            let host = family == AF_INET ? "localhost" : "::1"
            try await RunningUplink.with { uplink in
                let connection = try await uplink.client.connect(host: host, port: server.port, purpose: .tcp)
                #expect(Wire.read(from: connection.socket.number) == "SSH-2.0-greeting\n")
            }
        }
    }

    @Test("says which failure it was")
    func failures() async throws {
        let (closed, full) = (try LoopbackServer(), try LoopbackServer(backlog: 0))
        closed.stop()
        try await RunningUplink.with(limits: { $0.dial = .milliseconds(400) }) { uplink in
            let refused = try await Self.failure {
                _ = try await uplink.client.connect(host: "127.0.0.1", port: closed.port, purpose: .tcp)
            }
            #expect(refused == .failed(.refused, "127.0.0.1:\(closed.port): Connection refused"))
            // A label has at most 63 bytes: no name server is asked for this one.
            let name = String(repeating: "a", count: 64) + ".example"
            let unknown = try await Self.failure {
                _ = try await uplink.client.connect(host: name, port: 80, purpose: .http)
            }
            guard case .failed(.nameNotFound, let text) = unknown else {
                Issue.record("\(unknown)")
                return
            }
            #expect(text.hasPrefix(name))
            // Its queue of one is filled; who comes next gets no answer.
            var held: [UplinkConnectionBox] = []
            var silent: UplinkError?
            while silent == nil, held.count < 4 {
                do {
                    held.append(
                        UplinkConnectionBox(
                            try await uplink.client.connect(host: "127.0.0.1", port: full.port, purpose: .tcp)
                        )
                    )
                } catch let error as UplinkError {
                    silent = error
                }
            }
            #expect(silent == .failed(.timedOut, "127.0.0.1:\(full.port): no answer within 0.4s"))
            // The kernel has no way to a reserved address.
            let nowhere = try await Self.failure {
                _ = try await uplink.client.connect(host: "255.255.255.255", port: 9, purpose: .tcp)
            }
            #expect(nowhere.kind == "unreachable", "\(nowhere)")
            #expect(
                uplink.events.dialled.compactMap { $0["error"] }.sorted() == [
                    "name-not-found", "refused", "timed-out", "unreachable",
                ]
            )
        }
    }

    private final class UplinkConnectionBox {
        let connection: UplinkConnection
        init(_ connection: consuming UplinkConnection) { self.connection = connection }
    }

    @Test("goes elsewhere when it is told to")
    func connectTo() async throws {
        let server = try LoopbackServer(Self.greeter)
        try await RunningUplink.with(connectTo: ["mirror.example.org:80:127.0.0.1:\(server.port)"]) {
            uplink in
            let connection = try await uplink.client.connect(
                host: "mirror.example.org",
                port: 80,
                purpose: .http
            )
            #expect(Wire.read(from: connection.socket.number) == "SSH-2.0-greeting\n")
        }
    }

    @Test(
        "does not lead to what listens for the host alone",
        arguments: [
            "127.0.0.1", "127.1.2.3", "0.0.0.0", "localhost", "::1", "::", "::ffff:127.0.0.1", "127.1",
            "0x7f000001",
            "169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "fe80::1",
            "255.255.255.255", "224.0.0.1", "ff02::1", "::127.0.0.1",
        ]
    )
    func thisHost(host: String) async throws {
        let server = try LoopbackServer(Self.greeter)
        try await RunningUplink.with(connectTo: []) { uplink in
            let error = try await Self.failure {
                _ = try await uplink.client.connect(host: host, port: server.port, purpose: .tcp)
            }
            #expect(error.kind == "unreachable")
            #expect(
                "\(error)".contains(
                    "is this host itself or on its link, which a lab reaches only with --connect-to"
                )
            )
        }
    }

    @Test(
        "an address of a private network is not taken for the host's, with or without a proxy",
        arguments: [
            "10.1.2.3", "172.31.0.1", "192.168.20.203", "100.100.100.200", "198.18.0.53", "fd00:ec2::254",
        ],
        [[:], ["https_proxy": "http://127.0.0.1:9"]]
    )
    func privateAddress(host: String, environment: [String: String]) async throws {
        try await RunningUplink.with(environment, connectTo: []) { uplink in
            let error = try await Self.failure {
                _ = try await uplink.client.connect(host: host, port: 80, purpose: .tcp)
            }
            let shown = host.contains(":") ? "[\(host)]:80" : "\(host):80"
            #expect("\(error)".contains("if it is the one that is meant: --connect-to \(shown):\(shown)"))
        }
    }

    @Test("how far an address reaches")
    func scopes() throws {
        for (text, scope) in [
            ("172.15.255.255", AddressScope.world), ("172.16.0.0", .site), ("172.32.0.0", .world),
            ("1.1.1.1", .world),
            ("169.253.0.1", .world), ("169.254.0.1", .here), ("223.255.255.255", .world),
        ] {
            #expect(AddressScope(try #require(IPv4Address(text))) == scope, "\(text)")
            let mapped = try #require(IPv6Address("::ffff:\(text)"))
            #expect(AddressScope(mapped) == scope, "\(mapped)")
        }
        for (text, scope) in [
            ("2606:4700::1111", AddressScope.world), ("2002:101:101::1", .world), ("2002:a00:1::1", .site),
            ("febf::1", .here), ("fec0::1", .site), ("fdff::1", .site), ("fe00::1", .world), ("::2", .here),
        ] {
            #expect(AddressScope(try #require(IPv6Address(text))) == scope, "\(text)")
        }
    }

    // MARK: - The host's proxies

    /// A proxy that keeps what it was asked, and answers so.
    private static func proxy(saying answer: String) throws -> (LoopbackServer, asked: @Sendable () -> String)
    {
        let heads = Heads()
        let server = try LoopbackServer { guest in
            let head = Wire.read(from: guest, until: "\r\n\r\n")
            heads.all.withLock { $0 += head }
            // In two parts, the second with what the server behind the proxy says first.
            let half = answer.index(answer.startIndex, offsetBy: answer.count / 2)
            Wire.write(String(answer[..<half]), to: guest)
            usleep(20_000)
            Wire.write(String(answer[half...]), to: guest)
            _ = Wire.read(from: guest)
        }
        return (server, { heads.all.withLock { $0 } })
    }

    private final class Heads: Sendable { let all = Mutex("") }

    @Test("through a proxy is a tunnel for what is not HTTP, and the first byte is the server's")
    func tunnel() async throws {
        let (server, asked) = try Self.proxy(saying: "HTTP/1.1 200 OK\r\nVia: x\r\n\r\nSSH-2.0-greeting\n")
        try await RunningUplink.with(["https_proxy": "http://u:p@127.0.0.1:\(server.port)"]) { uplink in
            let connection = try await uplink.client.connect(host: "ssh.example.org", port: 22, purpose: .tcp)
            #expect(connection.form == .direct)
            #expect(Wire.read(from: connection.socket.number) == "SSH-2.0-greeting\n")
            #expect(
                asked() == "CONNECT ssh.example.org:22 HTTP/1.1\r\nHost: ssh.example.org:22\r\n"
                    + "Proxy-Authorization: Basic dTpw\r\n\r\n"
            )
        }
    }

    @Test("through a proxy is the proxy itself for HTTP")
    func absoluteForm() async throws {
        let (server, asked) = try Self.proxy(saying: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n")
        try await RunningUplink.with(["HTTP_PROXY": "http://u:p@127.0.0.1:\(server.port)"]) { uplink in
            let connection = try await uplink.client.connect(
                host: "deb.example.org",
                port: 80,
                purpose: .http
            )
            #expect(connection.form == .proxy(authorization: "Basic dTpw"))
            #expect(asked() == "")
            let tls = try await Self.failure {
                _ = try await uplink.client.connect(host: "127.0.0.1", port: 1, purpose: .tls)
            }
            #expect(tls.kind == "refused", "without https_proxy there is no proxy for TLS")
        }
    }

    @Test(
        "says what the proxy said",
        arguments: [
            (
                "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
                "it said 407 Proxy Authentication Required"
            ),
            ("HTTP/1.0 503\r\nX: y\r\n\r\n", "it said 503"),
            ("SSH-2.0-OpenSSH\r\n\r\n", "it does not speak HTTP"),
            (String(repeating: "HTTP/1.1 200 OK\r\n", count: 1500), "its answer has no end"),
        ]
    )
    func proxyRefuses(answer: String, words: String) async throws {
        let (server, _) = try Self.proxy(saying: answer)
        try await RunningUplink.with(["https_proxy": "127.0.0.1:\(server.port)"]) { uplink in
            let error = try await Self.failure {
                _ = try await uplink.client.connect(host: "git.example.org", port: 443, purpose: .tls)
            }
            #expect(error.kind == "proxy")
            #expect("\(error)".contains(words), "\(error)")
        }
    }

    // MARK: - Misuse

    @Test("is for its user only")
    func mode() async throws {
        try await RunningUplink.with { uplink in
            var info = stat()
            #expect(stat(uplink.path, &info) == 0)
            #expect(info.st_mode & 0o777 == 0o600)
        }
    }

    @Test("refuses what is malformed, and goes on")
    func malformed() async throws {
        let server = try LoopbackServer(Self.greeter)
        try await RunningUplink.with(limits: { $0.request = .milliseconds(300) }) { uplink async throws in
            let refusal = "failed bad-request the request is malformed\n"
            #expect(try uplink.answer(to: "GET / HTTP/1.1\r\n\r\n") == refusal)
            #expect(try uplink.answer(to: String(repeating: "x", count: 600)) == refusal)
            #expect(try uplink.answer(to: "dial tcp 127.0.0.1 \(server.port)\njoin\n") == refusal)
            #expect(try uplink.answer(to: "dial tc", thenClose: true) == refusal)
            // Never says anything.
            #expect(try uplink.answer(to: "") == refusal)
            #expect(try uplink.answer(to: "dial tcp 127.0.0.1 \(server.port)\n") == "connected\n")
        }
    }

    @Test("refuses more at once than it does, and does it when there is room again")
    func busy() async throws {
        let server = try LoopbackServer(Self.greeter)
        try await RunningUplink.with(limits: { $0.dialsAtOnce = 2 }) { uplink in
            do {
                let slow = [
                    try UnixSocket.connect(to: uplink.path).release(),
                    try UnixSocket.connect(to: uplink.path).release(),
                ]
                defer { for socket in slow { close(socket) } }
                let error = try await Self.failure {
                    _ = try await uplink.client.connect(host: "127.0.0.1", port: server.port, purpose: .tcp)
                }
                #expect(error.kind == "busy")
            }
            try await eventually("room", within: .seconds(30)) {
                // Until the helper has noticed that they are gone.
                try? await uplink.client.connect(host: "127.0.0.1", port: server.port, purpose: .tcp).form
            }
        }
    }

    // MARK: - Life and death

    @Test("without a helper says what to do")
    func noHelper() async throws {
        try await withScratchFolder { folder in
            let client = UplinkClient(at: folder + "/uplink.sock") { _ in }
            let error = try await Self.failure {
                _ = try await client.connect(host: "a", port: 1, purpose: .tcp)
            }
            #expect("\(error)".contains("No such file"))
            #expect("\(error)".contains("start it with: vlab net LAB uplink record"))
        }
    }

    @Test("whose helper hangs or is cut off is given up")
    func silentHelper() async throws {
        try await withScratchFolder { folder in
            let path = folder + "/uplink.sock"
            let listener = try UnixSocket.listen(at: path)
            let client = UplinkClient(at: path, patience: .milliseconds(200)) { _ in }
            let silent = try await Self.failure {
                _ = try await client.connect(host: "a", port: 1, purpose: .tcp)
            }
            #expect(silent == .noAnswer(.milliseconds(200)))
            let patient = UplinkClient(at: path) { _ in }
            let cut = Task { _ = try await patient.connect(host: "a", port: 1, purpose: .tcp) }
            // The one that gave up stands before it.
            close(accept(listener.number, nil, nil))
            var waited = [pollfd(listener.number, Int32(POLLIN))]
            poll(&waited, milliseconds: 30_000)
            close(accept(listener.number, nil, nil))
            let gone = try await Self.failure { try await cut.value }
            #expect(gone.kind == "helper-gone", "\(gone)")
            let task = Task { _ = try await patient.connect(host: "a", port: 1, purpose: .tcp) }
            task.cancel()
            let cancelled = try await Self.failure { try await task.value }
            #expect(cancelled == .cancelled)
        }
    }

    @Test("ends with the lab that joined it, however the lab ends")
    func labEnds() async throws {
        try await withScratchFolder { folder in
            let path = folder + "/uplink.sock"
            let server = try UplinkServer(at: path, proxies: ProxySettings([:]))
            let helper = RunningUplink.Ended(server)
            let client = UplinkClient(at: path) { _ in }
            var link: UplinkLink? = try await client.join()
            let second = try await Self.failure { _ = try await client.join() }
            #expect(second == .failed(.badRequest, "another lab has joined already"))
            #expect(!helper.hasEnded)
            _ = link
            link = nil
            try await eventually("the helper's end", within: .seconds(30)) { helper.hasEnded ? true : nil }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("ends when no lab joins")
    func nobodyJoins() async throws {
        try await withScratchFolder { folder in
            var limits = UplinkServer.Limits()
            limits.join = .milliseconds(100)
            let server = try UplinkServer(at: folder + "/s", proxies: ProxySettings([:]), limits: limits)
            let helper = RunningUplink.Ended(server)
            try await eventually("the helper's end", within: .seconds(30)) { helper.hasEnded ? true : nil }
        }
    }

    @Test("shows the lab the helper's end")
    func helperEnds() async throws {
        try await withScratchFolder { folder in
            let path = folder + "/uplink.sock"
            // What a process leaves open when it is killed: the kernel closes its sockets.
            let listener = try UnixSocket.listen(at: path)
            let client = UplinkClient(at: path) { _ in }
            async let joining = client.join()
            var waited = [pollfd(listener.number, Int32(POLLIN))]
            poll(&waited, milliseconds: 30_000)
            let helper = accept(listener.number, nil, nil)
            #expect(Wire.read(from: helper) == "join\n")
            Wire.write("joined\n", to: helper)
            let link = try await joining
            let watch = Task { await link.untilLost() }
            close(helper)
            #expect(await watch.value)
            let cancelled = Task { await link.untilLost() }
            cancelled.cancel()
            _ = await cancelled.value
        }
    }
}
