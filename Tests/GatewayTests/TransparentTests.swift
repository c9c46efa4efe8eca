import Foundation
import LabModel
import Testing

@testable import Gateway

@Suite("Redirected connections", .timeLimit(.minutes(1)))
struct RedirectionTests {
    @Test("reach the gateway from the engine and from a node", .enabled(if: !PrivateNetwork.isHere))
    func inNamespace() async throws {
        try await PrivateNetwork.run("TransparentTests", expecting: "8 tests in 1 suite", within: 50)
    }
}

@Suite("In the lab's network", .enabled(if: PrivateNetwork.isHere), .serialized)
struct TransparentTests {
    /// Asks for the time over a connected socket, which takes a reply only from the address that it asked.
    private static let askTime = """
        import socket, struct, sys, time
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(2)
        s.connect((sys.argv[1], 123))
        s.send(b'\\x23' + 39 * b'\\0' + b'CLIENT..')
        try: reply = s.recv(512)
        except socket.timeout: sys.exit('silence')
        assert len(reply) == 48 and reply[0] == 0x24 and reply[24:32] == b'CLIENT..', reply
        seconds = struct.unpack('!I', reply[40:44])[0] - 2208988800
        assert abs(seconds - time.time()) < 5, seconds
        print('stratum', reply[1])
        """

    fileprivate static let file = Data.pattern(500_000)

    private static func inLab(_ body: (RunningGateway, PrivateNetwork) async throws -> Void) async throws {
        try await RunningGateway.with(files: { try $0.write("f", file) }) { lab in
            let network = try await PrivateNetwork(lab)
            try await body(lab, network)
        }
    }

    @Test(
        "a mirror is found by its name, from the engine",
        arguments: ["mirror-a.vlab.test", "mirror-b.vlab.test"]
    )
    func engine(mirror: String) async throws {
        try await Self.inLab { lab, network in
            let curl = try await network.onEngine("curl -sS -f -m 10 http://\(mirror)/images/f")
            #expect(curl.isWhole, "\(curl.errors)")
            let served = await lab.events.first("http.served")
            #expect(served.details["url"] == "http://\(mirror)/images/f")
        }
    }

    @Test("a node's request carries the node's address, and where it went counts, not what it says")
    func node() async throws {
        try await Self.inLab { lab, network in
            let curl = try await network.onNode(
                "curl -sS -f -m 10 -H 'Host: liar' http://mirror-a.vlab.test/images/f"
            )
            #expect(curl.isWhole, "\(curl.errors)")
            let wget = try await network.onNode(
                "timeout 10 busybox wget -q -O - http://mirror-b.vlab.test/images/f"
            )
            #expect(wget.isWhole, "\(wget.errors)")
            _ = await lab.events.wait(for: "http.served", count: 2)
            let served = lab.events.named("http.served")
            #expect(served.map { $0.details["client"] } == ["10.20.0.50", "10.20.0.50"])
            #expect(served.map { $0.details["host"] } == ["mirror-a.vlab.test", "mirror-b.vlab.test"])
        }
    }

    @Test("what is neither HTTP nor TLS has nobody to talk to, by name")
    func otherPorts() async throws {
        try await Self.inLab { lab, network in
            _ = try await network.onNode(
                "(printf '003fgit-upload-pack'; sleep 1) | timeout 10 busybox nc packages.example.org 9418"
            )
            let refused = await lab.events.first("tcp.refused")
            #expect(refused.details["name"] == "packages.example.org")
            #expect(refused.details["port"] == "9418")
            #expect(refused.details["client"] == "10.20.0.50")
            let elsewhere = try await network.onNode("curl -sS -m 10 -w ' %{http_code}' http://github.com/a")
            #expect(elsewhere.text.contains("github.com is outside the lab"))
            #expect(elsewhere.text.hasSuffix(" 502"))
        }
    }

    @Test("TLS is opened in the name that is asked for, and else in that of the address")
    func https() async throws {
        try await Self.inLab { lab, network in
            let ca = "\(lab.folder.path)/ca.pem"
            let curl = try await network.onNode(
                "env -u SSL_CERT_DIR curl -sS -f -m 10 --cacert \(ca) https://mirror-a.vlab.test/images/f"
            )
            #expect(curl.isWhole, "\(curl.errors)")
            let opened = await lab.events.first("tls.opened")
            #expect(opened.details["client"] == "10.20.0.50")
            #expect(opened.details["port"] == "443")
            let unnamed = try await network.onEngine(
                """
                printf 'GET / HTTP/1.0\r\n\r\n' | timeout 10 openssl s_client -quiet -CAfile \(ca) -noservername \
                    -verify_return_error -verify_hostname packages.example.org -connect packages.example.org:8443
                """
            )
            #expect(unnamed.text.contains("packages.example.org is outside the lab"), "\(unnamed.errors)")
            let served = await lab.events.wait(for: "http.served", count: 2)
            #expect(served.details["url"] == "https://packages.example.org:8443/")
        }
    }

    @Test("names are answered to libc, busybox and over TCP")
    func names() async throws {
        try await Self.inLab { lab, network in
            let libc = try await network.onNode("getent ahostsv4 packages.example.org | head -1")
            let address = try #require(
                libc.text.split(separator: " ").first.flatMap { IPv4Address(String($0)) }
            )
            #expect(OutsideNames.network.contains(address))
            #expect(lab.gateway.outside.name(at: address) == "packages.example.org")
            let back = try await network.onEngine("getent hosts \(address)")
            #expect(back.text.contains("packages.example.org"), "\(back.text)\(back.errors)")
            let busybox = try await network.onEngine("busybox nslookup ctl01 198.18.0.53")
            #expect(busybox.text.contains("10.20.0.50"), "\(busybox.text)")
            let missing = try await network.onEngine("getent ahostsv4 ctl99")
            #expect(missing.status == 2)
            let tcp = try await network.onNode(
                """
                python3 -c "
                import socket
                s = socket.create_connection(('198.18.0.53', 53), 5)
                q = bytes.fromhex('beef01000001000000000000') + b'\\x08packages\\x07example\\x03org\\0\\0\\1\\0\\1'
                s.sendall(2 * (len(q).to_bytes(2, 'big') + q))
                r = b''
                while len(r) < 2 * (2 + len(q) + 16): r += s.recv(999)
                print(socket.inet_ntoa(r[-4:]))"
                """
            )
            #expect(tcp.text.trimmingCharacters(in: .whitespacesAndNewlines) == "\(address)", "\(tcp.errors)")
        }
    }

    @Test("the time is told, until it is not")
    func time() async throws {
        try await Self.inLab { lab, network in
            func ask(_ name: String) -> String { "python3 -c \"\(Self.askTime)\" \(name)" }
            #expect(try await network.onEngine(ask("pool.ntp.org")).text == "stratum 2\n")
            let first = try await network.onNode(ask("0.debian.pool.ntp.org"))
            #expect(first.text == "stratum 2\n", "\(first.errors)")
            // Not every distribution's busybox has it.
            if try await shell("busybox --list | grep -qx ntpd").status == 0 {
                let ntpd = try await network.onNode("timeout 3 busybox ntpd -w -d -n -p pool.ntp.org 2>&1")
                #expect(
                    ntpd.text.contains("reply from 198.1") && ntpd.text.contains("strat:2"),
                    "\(ntpd.text)"
                )
            }
            try lab.gateway.install(
                Rule(id: "ntp", "ntp.unreachable", match: Match(clients: ["\(RunningGateway.node)"]))
            )
            let silent = try await network.onNode(ask("pool.ntp.org"))
            #expect(silent.errors.contains("silence"))
            #expect(try await network.onEngine(ask("pool.ntp.org")).text == "stratum 2\n")
            #expect(lab.events.named("fault.applied").map { $0.details["client"] } == ["10.20.0.50"])
            lab.gateway.remove("ntp")
            #expect(try await network.onNode(ask("pool.ntp.org")).text == "stratum 2\n")
        }
    }

    @Test("a stall of one node stops at its byte and does not disturb the other")
    func stall() async throws {
        try await Self.inLab { lab, network in
            try lab.gateway.install(
                Rule(
                    id: "s",
                    "http.stall",
                    ["at": "123457"],
                    match: Match(
                        host: "mirror-a.vlab.test",
                        path: "**/f",
                        clients: ["\(RunningGateway.node)"]
                    ),
                    occurrence: .first(2, perClient: true)
                )
            )
            let url = "http://mirror-a.vlab.test/images/f"
            for turn in 1...2 {
                let part = lab.folder.path + "/part\(turn)"
                let stalled = try await network.onNode(curlUntil(123_457, in: part, url))
                #expect(stalled.status == 143, "\(stalled.errors)")
                #expect(try lab.folder.read("part\(turn)").count == 123_457)
                #expect(try await network.onEngine("curl -sS \(url)").isWhole)
            }
            #expect(try await network.onNode("curl -sS \(url)").isWhole)
            #expect(lab.events.named("fault.applied").count == 2)
        }
    }

    @Test("the gateway still tells apart who came by redirection and who came by themselves")
    func direct() async throws {
        try await Self.inLab { lab, network in
            let direct = try await network.onNode(
                "curl -sS -m 10 -H 'Host: mirror-a.vlab.test' http://10.20.0.1:\(lab.ports.tcp)/images/f"
            )
            #expect(direct.isWhole, "\(direct.text)\(direct.errors)")
        }
    }
}

extension Finished {
    /// A Boolean, for Swift Testing looks for the difference of two collections for minutes.
    fileprivate var isWhole: Bool { output == TransparentTests.file }
}
