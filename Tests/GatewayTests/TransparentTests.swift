import Foundation
import LabModel
import Testing

@testable import Gateway

@Suite("Redirected connections", .timeLimit(.minutes(10)))
struct RedirectionTests {
    @Test("reach the gateway from the engine and from a node", .enabled(if: !PrivateNetwork.isHere))
    func inNamespace() async throws {
        try await PrivateNetwork.run("TransparentTests", expecting: "14 tests in 1 suite", within: 580)
    }
}

@Suite("In the lab's network", .enabled(if: PrivateNetwork.isHere), .serialized)
struct TransparentTests {
    /// Asks for the time over a connected socket, which takes a reply only from the address that it asked.
    private static let askTime = """
        import socket, struct, sys, time
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(float(sys.argv[2]))
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
            let curl = try await network.onEngine("curl -sS -f -m 20 http://\(mirror)/images/f")
            #expect(curl.isWhole, "\(curl.errors)")
            let served = await lab.events.first("http.served")
            #expect(served.details["url"] == "http://\(mirror)/images/f")
        }
    }

    @Test("a node's request carries the node's address, and where it went counts, not what it says")
    func node() async throws {
        try await Self.inLab { lab, network in
            let curl = try await network.onNode(
                "curl -sS -f -m 20 -H 'Host: liar' http://mirror-a.vlab.test/images/f"
            )
            #expect(curl.isWhole, "\(curl.errors)")
            let wget = try await network.onNode(
                "timeout 20 busybox wget -q -O - http://mirror-b.vlab.test/images/f"
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
                "(printf '003fgit-upload-pack'; sleep 1) | timeout 20 busybox nc packages.example.org 9418"
            )
            let refused = await lab.events.first("tcp.refused")
            #expect(refused.details["name"] == "packages.example.org")
            #expect(refused.details["port"] == "9418")
            #expect(refused.details["client"] == "10.20.0.50")
            let elsewhere = try await network.onNode("curl -sS -m 20 -w ' %{http_code}' http://github.com/a")
            #expect(elsewhere.text.contains("github.com is outside the lab"))
            #expect(elsewhere.text.hasSuffix(" 502"))
        }
    }

    @Test("TLS is opened in the name that is asked for, and else in that of the address")
    func https() async throws {
        try await Self.inLab { lab, network in
            let ca = "\(lab.folder.path)/ca.pem"
            let curl = try await network.onNode(
                "env -u SSL_CERT_DIR curl -sS -f -m 20 --cacert \(ca) https://mirror-a.vlab.test/images/f"
            )
            #expect(curl.isWhole, "\(curl.errors)")
            let opened = await lab.events.first("tls.opened")
            #expect(opened.details["client"] == "10.20.0.50")
            #expect(opened.details["port"] == "443")
            let unnamed = try await network.onEngine(
                """
                printf 'GET / HTTP/1.0\r\n\r\n' | timeout 20 openssl s_client -quiet -CAfile \(ca) -noservername \
                    -verify_return_error -verify_hostname packages.example.org -connect packages.example.org:8443
                """
            )
            #expect(unnamed.text.contains("packages.example.org is outside the lab"), "\(unnamed.errors)")
            let served = await lab.events.wait(for: "http.served", count: 2)
            #expect(served.details["url"] == "https://packages.example.org:8443/")
        }
    }

    @Test("a proxy outside is played: whom it is asked for counts, by URL and by CONNECT")
    func proxy() async throws {
        try await Self.inLab { lab, network in
            let ca = "\(lab.folder.path)/ca.pem"
            for proxy in ["proxy.example.org:3128", "203.0.114.9:8080"] {
                for scheme in ["http", "https"] {
                    for tunnel in ["", "-p"] {
                        let curl = try await network.onNode(
                            "curl -sS -f -m 20 -x http://\(proxy) \(tunnel) --cacert \(ca) "
                                + "\(scheme)://mirror-a.vlab.test/images/f"
                        )
                        #expect(curl.isWhole, "\(curl.errors)")
                    }
                }
            }
            let last = await lab.events.wait(for: "http.served", count: 8)
            let served = lab.events.named("http.served").map { $0.details["url"] }
            let urls = ["http", "https"].map { "\($0)://mirror-a.vlab.test/images/f" }
            #expect(served == urls.flatMap { [$0, $0] } + urls.flatMap { [$0, $0] }, "\(last)")
            // Its own URL is not somebody else's.
            let own = try await network.onNode(
                "curl -sS -f -m 20 --request-target http://mirror-a.vlab.test/images/f http://mirror-a.vlab.test/"
            )
            #expect(own.isWhole, "\(own.errors)")
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
            #expect(lab.gateway.outside.name(at: .v4(address)) == "packages.example.org")
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
            func ask(_ name: String, patience: Int = 20) -> String {
                "python3 -c \"\(Self.askTime)\" \(name) \(patience)"
            }
            #expect(try await network.onEngine(ask("pool.ntp.org")).text == "stratum 2\n")
            let first = try await network.onNode(ask("0.debian.pool.ntp.org"))
            #expect(first.text == "stratum 2\n", "\(first.errors)")
            // Not every distribution's busybox has it.
            if try await shell("busybox --list | grep -qx ntpd").status == 0 {
                let said = lab.folder.path + "/ntpd"
                let ntpd = try await network.onNode(
                    """
                    busybox ntpd -w -d -n -p pool.ntp.org >'\(said)' 2>&1 & i=0
                    until grep -q strat: '\(said)' || [ $i -ge 100 ]; do i=$((i+1)); sleep 0.2; done
                    kill $!; cat '\(said)'
                    """
                )
                #expect(
                    ntpd.text.contains("reply from 198.1") && ntpd.text.contains("strat:2"),
                    "\(ntpd.text)"
                )
            }
            try lab.gateway.install(
                Rule(id: "ntp", "ntp.unreachable", match: Match(clients: ["\(RunningGateway.node)"]))
            )
            let silent = try await network.onNode(ask("pool.ntp.org", patience: 2))
            #expect(silent.errors.contains("silence"))
            #expect(try await network.onEngine(ask("pool.ntp.org")).text == "stratum 2\n")
            #expect(lab.events.named("fault.applied").map { $0.details["client"] } == ["10.20.0.50"])
            lab.gateway.remove("ntp")
            #expect(try await network.onNode(ask("pool.ntp.org")).text == "stratum 2\n")
        }
    }

    /// IPv6 as an administrator of the node sets it up.
    private static let setUpIPv6 = """
        ip address add 2001:2:0:1::50/64 dev peer nodad; ip route add default via 2001:2:0:1::1
        """

    @Test("any address outside is reached, and the event has it as it was asked for")
    func anyAddress() async throws {
        try await Self.inLab { lab, network in
            #expect(try await network.onNode(Self.setUpIPv6).status == 0)
            for (number, address) in ["1.1.1.1", "10.9.8.7", "2606:4700::1111"].enumerated() {
                let host = address.contains(":") ? "[\(address)]" : address
                let node = try await network.onNode("curl -gsS -m 20 http://\(host)/a")
                #expect(node.text.contains("\(address) is outside the lab"), "\(node.text)\(node.errors)")
                let engine = try await network.onEngine("curl -gsS -m 20 http://\(host)/a")
                #expect(
                    engine.text.contains("\(address) is outside the lab"),
                    "\(engine.text)\(engine.errors)"
                )
                let program = """
                    import socket
                    s = socket.create_connection(('\(address)', 7777), 5); s.send(b'12'); s.recv(1)
                    """
                _ = try await network.onNode("python3 -c \"\(program)\"")
                let refused = await lab.events.wait(for: "tcp.refused", count: number + 1)
                #expect(refused.details["address"] == address && refused.details["port"] == "7777")
            }
            let served = lab.events.named("http.served")
            let (v4, v6) = (["10.20.0.50", "198.18.0.1"], ["2001:2:0:1::50", "fd76:6c61:62::1"])
            #expect(served.compactMap { $0.details["client"] } == v4 + v4 + v6)
            #expect(served.last?.details["url"] == "http://[2606:4700::1111]/a")
        }
    }

    @Test("names are reached over IPv6 too, by who has it, and nobody else is kept waiting")
    func names6() async throws {
        try await Self.inLab { lab, network in
            let url = "http://mirror-a.vlab.test/images/f"
            let without = try await network.onNode("getent ahosts mirror-a.vlab.test; curl -sS -m 20 \(url)")
            #expect(without.text.hasPrefix("198.19.183.124 "), "IPv4 first")
            #expect(await lab.events.first("http.served").details["client"] == "10.20.0.50")
            #expect(try await network.onNode(Self.setUpIPv6).status == 0)
            let with = try await network.onNode("getent ahosts mirror-a.vlab.test; curl -6 -sS -m 20 \(url)")
            #expect(with.text.hasPrefix("2001:2::c613:b77c "), "IPv6 first")
            let engine = try await network.onEngine(
                "getent ahosts mirror-a.vlab.test; curl -6 -sS -m 20 \(url)"
            )
            #expect(engine.text.hasPrefix("198.19.183.124 "), "IPv4 first: \(engine.text.prefix(40))")
            _ = await lab.events.wait(for: "http.served", count: 3)
            let clients = lab.events.named("http.served").map { $0.details["client"] }
            #expect(clients == ["10.20.0.50", "2001:2:0:1::50", "fd76:6c61:62::1"])
            let ca = "\(lab.folder.path)/ca.pem"
            let tls = try await network.onNode(
                "env -u SSL_CERT_DIR curl -6 -sS -f -m 20 --cacert \(ca) https://mirror-a.vlab.test/images/f"
            )
            #expect(tls.isWhole, "\(tls.errors)")
            let unnamed = try await network.onNode(
                "env -u SSL_CERT_DIR curl -gsS -m 20 --cacert \(ca) 'https://[2606:4700::1111]/a'"
            )
            #expect(unnamed.text.contains("2606:4700::1111 is outside the lab"), "\(unnamed.errors)")
        }
    }

    @Test("name servers and clocks at any address are the lab's, over both families")
    func datagrams() async throws {
        try await Self.inLab { lab, network in
            #expect(try await network.onNode(Self.setUpIPv6).status == 0)
            for server in ["8.8.8.8", "198.18.0.53", "2001:4860:4860::8888", "2001:2::53"] {
                for ask in [network.onNode, network.onEngine] {
                    let answer = try await ask("busybox nslookup mirror-b.vlab.test \(server)")
                    #expect(answer.text.contains("2001:2::c61"), "\(server): \(answer.text)\(answer.errors)")
                }
            }
            for server in ["91.189.88.1", "2001:db9::123"] {
                let program = Self.askTime.replacing(
                    "AF_INET,",
                    with: "AF_INET\(server.contains(":") ? "6" : ""),"
                )
                for ask in [network.onNode, network.onEngine] {
                    let answer = try await ask("python3 -c \"\(program)\" \(server) 20")
                    #expect(answer.text == "stratum 2\n", "\(server): \(answer.errors)")
                }
            }
        }
    }

    @Test("what is none of these is forbidden at once, and what nobody has is silent")
    func elsewhere() async throws {
        try await Self.inLab { lab, network in
            #expect(try await network.onNode(Self.setUpIPv6).status == 0)
            let program = """
                import socket, sys
                s = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
                s.settimeout(20); s.connect((sys.argv[1], 443))
                try: s.send(b'?'); s.recv(9)
                except Exception as error: print(type(error).__name__, error.errno)
                """
            for (address, words) in [
                ("1.1.1.1", "OSError 113\n"), ("2606:4700::1111", "PermissionError 13\n"),
            ] {
                let node = try await network.onNode("python3 -c \"\(program)\" \(address)")
                #expect(node.text == words, "\(address): \(node.errors)")
                let engine = try await network.onEngine("python3 -c \"\(program)\" \(address)")
                #expect(engine.text == "PermissionError 1\n", "\(address): \(engine.errors)")
            }
            for address in ["169.254.169.254", "240.0.0.1"] {
                let node = try await network.onNode("curl -sS -m 20 http://\(address)/")
                #expect(node.status == 7, "\(address): \(node.errors)")
            }
            for address in ["192.0.2.1", "[2001:db8::1]", "[100::1]"] {
                for ask in [network.onNode, network.onEngine] {
                    let curl = try await ask("curl -gsS -m 1 http://\(address)/")
                    #expect(curl.status == 28, "\(address): \(curl.text)\(curl.errors)")
                }
            }
            #expect(lab.events.named("http.served").isEmpty)
        }
    }

    @Test("the lab's own addresses are never taken for the outside, also those that come later")
    func inside() async throws {
        try await Self.inLab { lab, network in
            #expect(try await network.onNode(Self.setUpIPv6).status == 0)
            // The jump host has a service, and gets an address that no file knew.
            let setUp = try await network.onEngine(
                """
                ip address add 10.77.0.9/32 dev lo; ip address add 2001:2:0:1::9/128 dev eth0 nodad
                for address in 10.77.0.9 '[2001:2:0:1::9]'; do
                    (timeout 150 busybox httpd -f -p $address:8099 -h \(lab.folder.path) &) >/dev/null 2>&1
                    curl -gsS --retry 100 --retry-connrefused --retry-delay 1 -o /dev/null http://$address:8099/f
                done
                """
            )
            #expect(setUp.status == 0, "\(setUp.errors)")
            for address in ["10.77.0.9", "[2001:2:0:1::9]"] {
                for ask in [network.onNode, network.onEngine] {
                    let curl = try await ask("curl -gsS -m 20 http://\(address):8099/f")
                    #expect(curl.isWhole, "\(address): \(curl.errors)")
                    let closed = try await ask("curl -gsS -m 20 http://\(address):8098/f")
                    #expect(closed.status == 7, "\(address): \(closed.text)\(closed.errors)")
                }
            }
            // The node's own, where nobody listens, and one of its network that nobody has.
            #expect(try await network.onEngine("curl -sS -m 20 http://10.20.0.50/").status == 7)
            let nobody = try await network.onEngine("curl -sS -m 1 http://10.20.0.99/")
            #expect([7, 28].contains(nobody.status), "\(nobody.text)\(nobody.errors)")
            #expect(lab.events.all.isEmpty)
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
                "curl -sS -m 20 -H 'Host: mirror-a.vlab.test' http://10.20.0.1:\(lab.ports.tcp)/images/f"
            )
            #expect(direct.isWhole, "\(direct.text)\(direct.errors)")
        }
    }
}

extension Finished {
    /// A Boolean, for Swift Testing looks for the difference of two collections for minutes.
    fileprivate var isWhole: Bool { output == TransparentTests.file }
}
