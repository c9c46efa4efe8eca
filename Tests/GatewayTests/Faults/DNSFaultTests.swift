import LabModel
import NIOCore
import Testing

@testable import Gateway

@Suite("A fault of the name server")
struct DNSFaultTests {
    /// `debian.test`, recursion desired.
    private static func question(type: String) -> ByteBuffer {
        hex("1234 0100 0001 0000 0000 0000 06 64656269616E 04 74657374 00 \(type) 0001")
    }
    private static let name = "06 64656269616E 04 74657374 00"

    private struct Lab {
        let events = EventLog()
        let rules: RuleBook
        let service: DNSService

        init() {
            let reporter = Reporter(events: events.sink) { _ in nil }
            rules = RuleBook(reporter: reporter)
            let nodes = ["debian.test": IPv4Address(bits: 0x0A14_0032)]
            service = DNSService(
                server: NameServer(nodes: nodes, outside: OutsideNames()),
                rules: rules,
                reporter: reporter
            )
        }

        func install(_ kind: String, _ arguments: [String: String] = [:], id: String = "x") throws {
            try rules.install(Rule(id: id, kind, arguments), FaultCatalogue.fault(kind, arguments))
        }

        func ask(_ type: String, over transport: DNSReply.Transport = .udp) -> LateReply? {
            service.answer(
                DNSFaultTests.question(type: type),
                from: .v4(IPv4Address(bits: 1)),
                over: transport
            )
        }
    }

    @Test(
        "answers byte for byte as it says",
        arguments: [
            ("dns.nxdomain", [:], "0001", "8183 0001 0000", ""),
            ("dns.servfail", [:], "0001", "8182 0001 0000", ""),
            ("dns.refused", [:], "0001", "8185 0001 0000", ""),
            // TC, and nothing else.
            ("dns.truncated", [:], "0001", "8380 0001 0000", ""),
            ("dns.wrong-address", [:], "0001", "8180 0001 0001", "C00C 0001 0001 0000000A 0004 C0000201"),
            (
                "dns.wrong-address", ["address": "10.9.8.7"], "0001", "8180 0001 0001",
                "C00C 0001 0001 0000000A 0004 0A090807"
            ),
            ("dns.aaaa-only", [:], "0001", "8180 0001 0000", ""),
            (
                "dns.aaaa-only", [:], "001C", "8180 0001 0001",
                "C00C 001C 0001 0000000A 0010 01000000 00000000 00000000 00000001"
            ),
            (
                "dns.aaaa-only", ["address": "fd00::5"], "00FF", "8180 0001 0001",
                "C00C 001C 0001 0000000A 0010 FD000000 00000000 00000000 00000005"
            ),
            (
                "dns.ipv6-blackhole", [:], "001C", "8180 0001 0001",
                "C00C 001C 0001 0000000A 0010 01000000 00000000 00000000 00000001"
            ),
        ] as [(String, [String: String], String, String, String)]
    )
    func wire(kind: String, arguments: [String: String], type: String, head: String, records: String) throws {
        let lab = Lab()
        try lab.install(kind, arguments)
        let expected = hex("1234 \(head) 0000 0000 \(Self.name) \(type) 0001 \(records)")
        #expect(lab.ask(type)?.bytes == expected)
        #expect(lab.events.named("fault.applied").map { $0.details["name"] } == ["debian.test"])
        #expect(lab.events.named("dns.answered").map { $0.details["faults"] } == ["x"])
        // Healed, it is as if it had never been.
        #expect(lab.rules.remove("x"))
        #expect(lab.ask(type)?.bytes == Lab().ask(type)?.bytes)
    }

    @Test(
        "leaves alone what it is not about, and does not count it",
        arguments: [
            ("dns.truncated", "0001", .tcp), ("dns.wrong-address", "001C", .udp),
            ("dns.ipv6-blackhole", "0001", .udp), ("dns.aaaa-only", "0010", .udp),
        ] as [(String, String, DNSReply.Transport)]
    )
    func leftAlone(kind: String, type: String, transport: DNSReply.Transport) throws {
        let lab = Lab()
        try lab.install(kind)
        #expect(lab.ask(type, over: transport)?.bytes == Lab().ask(type)?.bytes)
        #expect(lab.events.named("fault.applied").isEmpty)
    }

    @Test("beside another one: silence stays silent, and delays add up")
    func pairs() throws {
        let lab = Lab()
        try lab.install("dns.slow", ["delay": "1s"], id: "a")
        try lab.install("dns.slow", ["delay": "2s"], id: "b")
        try lab.install("dns.servfail", id: "c")
        let reply = try #require(lab.ask("0001"))
        #expect(reply.delays.map(\.time) == [.seconds(1), .seconds(2)])
        #expect(reply.bytes.getInteger(at: 2, as: UInt16.self) == 0x8182)
        #expect(lab.events.named("dns.answered").map { $0.details["delay"] } == ["3.0"])
        try lab.install("dns.unreachable", id: "d")
        try lab.install("dns.nxdomain", id: "e")
        #expect(lab.ask("0001") == nil)
        #expect(lab.events.named("fault.applied").last?.details["fault"] == "d")
    }

    @Test(
        "says what it cannot understand",
        arguments: ["dns.wrong-address", "dns.aaaa-only", "dns.ipv6-blackhole"]
    )
    func badAddress(kind: String) {
        #expect(throws: FaultError.self) { try FaultCatalogue.fault(kind, ["address": "here"]) }
    }

    @Test(
        "that delays lets others pass, over UDP and TCP, and ends at once when it is healed",
        .timeLimit(.minutes(4))
    )
    func slow() async throws {
        try await RunningGateway.with { lab in
            try lab.gateway.install(
                Rule(id: "s", "dns.slow", ["delay": "1h"], match: Match(host: "~^slow\\..*"))
            )
            // Asks for the slow one first, over both, and gets the other one first; then the slow one after healing.
            let asked = try await shell(
                """
                python3 - \(lab.ports.dns) <<'END'
                import socket, struct, sys, time
                port = int(sys.argv[1])
                def question(id, name):
                    return struct.pack('!6H', id, 0x100, 1, 0, 0, 0) + b''.join(
                        bytes([len(x)]) + x.encode() for x in name.split('.')) + b'\\0\\0\\1\\0\\1'
                udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.settimeout(20)
                udp.connect(('127.0.0.1', port))
                tcp = socket.create_connection(('127.0.0.1', port), 20)
                for id, name in (1, 'slow.debian.test'), (2, 'fast.debian.test'):
                    q = question(id, name)
                    udp.send(q); tcp.sendall(struct.pack('!H', len(q)) + q)
                def id_tcp():
                    n, = struct.unpack('!H', tcp.recv(2, socket.MSG_WAITALL))
                    return tcp.recv(n, socket.MSG_WAITALL)[1]
                first = udp.recv(512)[1], id_tcp()
                open('\(lab.folder.path)/first', 'w').write('%d %d' % first)
                print(*first, udp.recv(512)[1], id_tcp())
                END
                """,
                whenThereIs: lab.folder.path + "/first"
            ) { #expect(lab.gateway.remove("s")) }
            #expect(asked.text == "2 2 1 1\n", "\(asked.errors)")
        }
    }
}
