import LabModel
import NIOCore
import Testing

@testable import Gateway

@Suite("A fault of the time server")
struct NTPFaultTests {
    private static let request = """
        23 00 06 EC 00000000 00000000 00000000
        0000000000000000 0000000000000000 0000000000000000 DEADBEEF 01020304
        """
    /// 2026-01-01 00:00:00.5 UTC.
    private static let now = NTPTimestamp(seconds: 1_767_225_600, nanoseconds: 500_000_000)

    private static func reply() throws -> NTPReply {
        guard case .reply(let packet) = NTPServer().answer(hex(request), now: { now }) else {
            throw NetworkError(description: "no reply")
        }
        return NTPReply(packet: packet)
    }

    private static func turn(of client: UInt32 = 1) -> Turn {
        let reporter = Reporter(events: { _ in }) { _ in nil }
        let rule = ArmedRule(id: "r", kind: "ntp.any", occurrence: .always, reporter: reporter)
        return Turn(rule: rule, client: Client(address: .v4(IPv4Address(bits: client)), node: nil))
    }

    /// As the fault has edited it.
    private static func edited(_ kind: String, _ arguments: [String: String] = [:]) throws -> NTPReply {
        let fault = try #require(try FaultCatalogue.fault(kind, arguments) as? any NTPFault)
        var reply = try reply()
        let turn = turn()
        fault.edit(&reply, turn)
        #expect(turn.taken?.landed == true)
        return reply
    }

    @Test(
        "answers byte for byte as it says",
        arguments: [
            // Leap indicator, version and mode; stratum; the client's poll; precision; delay and dispersion; reference; times.
            ("ntp.kiss-of-death", [:], "E4 00", "52415445", "ED003780 00000000", "ED003780 80000000"),
            (
                "ntp.kiss-of-death", ["code": "DENY"], "E4 00", "44454E59", "ED003780 00000000",
                "ED003780 80000000"
            ),
            ("ntp.unsynchronized", [:], "E4 10", "00000000", "00000000 00000000", "ED003780 80000000"),
            ("ntp.offset", ["by": "+90s"], "24 02", "C612007B", "ED0037DA 00000000", "ED0037DA 80000000"),
            ("ntp.offset", ["by": "-250ms"], "24 02", "C612007B", "ED00377F C0000000", "ED003780 40000000"),
            // Into the next era (RFC 5905 §6).
            ("ntp.offset", ["by": "9000d"], "24 02", "C612007B", "1B597380 00000000", "1B597380 80000000"),
            ("ntp.leap", [:], "64 02", "C612007B", "ED003780 00000000", "ED003780 80000000"),
            ("ntp.leap", ["second": "delete"], "A4 02", "C612007B", "ED003780 00000000", "ED003780 80000000"),
        ] as [(String, [String: String], String, String, String, String)]
    )
    func wire(
        kind: String,
        arguments: [String: String],
        head: String,
        reference: String,
        set: String,
        time: String
    ) throws {
        let expected = hex(
            "\(head) 06 EC 00000042 00000042 \(reference) \(set) DEADBEEF 01020304 \(time) \(time)"
        )
        #expect(try Self.edited(kind, arguments).packet?.bytes == expected)
    }

    @Test(
        "drifts by so many millionths of the time since it began",
        arguments: [(500, 0.0018), (-1_000_000, -3.6)]
    )
    func drift(ppm: Int, seconds: Double) throws {
        let arguments = try FaultArguments(["ppm": "\(ppm)"], for: NTPDrift.form)
        let fault = try NTPDrift(arguments, start: Self.now.shifted(by: .milliseconds(-3600)))
        var reply = try Self.reply()
        fault.edit(&reply, Self.turn())
        let offset = try #require(reply.packet?.transmitTime.since(Self.now))
        #expect(abs(offset.inSeconds - seconds) < 1e-6)
    }

    @Test("jumps after so many answers to each client")
    func jump() throws {
        let fault = try #require(
            try FaultCatalogue.fault("ntp.jump", ["by": "+1h", "after": "2"]) as? any NTPFault
        )
        let offsets = try ([1, 1, 2, 1, 2, 2, 1] as [UInt32]).map { client in
            var reply = try Self.reply()
            fault.edit(&reply, Self.turn(of: client))
            return reply.packet?.receiveTime.since(Self.now).inSeconds
        }
        #expect(offsets == [0, 0, 0, 3600, 0, 3600, 3600])
    }

    @Test("keeps an answer back, and says nothing where there is nothing")
    func slowAndSilent() throws {
        #expect(try Self.edited("ntp.slow", ["delay": "700ms"]).delays.map(\.time) == [.milliseconds(700)])
        var reply = try Self.edited("ntp.unreachable")
        #expect(reply.packet == nil)
        for form in FaultCatalogue.forms where form.name.hasPrefix("ntp.") {
            let needed = form.parameters.filter { $0.usual == nil }.map {
                ($0.name, $0.name == "ppm" ? "5" : "5s")
            }
            let fault = try FaultCatalogue.fault(form.name, Dictionary(uniqueKeysWithValues: needed))
            let turn = Self.turn()
            (fault as? any NTPFault)?.edit(&reply, turn)
            #expect(turn.taken == nil, "\(form.name) acts on an answer that nobody gets")
        }
    }

    @Test("is late by its time, and at once when it is healed", .timeLimit(.minutes(4)))
    func slow() async throws {
        try await RunningGateway.with { lab in
            try lab.gateway.install(Rule(id: "s", "ntp.slow", ["delay": "1h"]))
            let asked = try await shell(
                """
                python3 - \(lab.ports.ntp) <<'END'
                import socket, sys
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(20)
                s.connect(('127.0.0.1', int(sys.argv[1])))
                s.send(b'\\x23' + 39 * b'\\0' + b'CLIENT..')
                s.setblocking(False)
                try: s.recv(99); print('early')
                except BlockingIOError: pass
                s.settimeout(20)
                open('\(lab.folder.path)/sent', 'w').write('.')
                print(len(s.recv(99)))
                END
                """,
                whenThereIs: lab.folder.path + "/sent"
            ) {
                _ = await lab.events.first("fault.applied")
                #expect(lab.gateway.remove("s"))
            }
            #expect(asked.text == "48\n", "\(asked.errors)")
            #expect(lab.events.named("ntp.answered").map { $0.details["delay"] } == ["3600.0"])
        }
    }
}
