import LabModel
import NIOCore
import Testing

@testable import Gateway

@Suite("The lab's time server")
struct NTPTests {
    private static let request = """
        E3              # leap unknown, version 4, mode 3: a client
        00 06 EC        # stratum 0, poll 64 s, precision
        00000000 00000000 00000000
        0000000000000000 0000000000000000 0000000000000000
        DEADBEEF 01020304   # transmit: the client's own secret
        """

    @Test("answers as RFC 5905 says: the client's transmit time comes back as origin")
    func wire() {
        // 2026-01-01 00:00:00.5 UTC.
        let now = NTPTimestamp(seconds: 1_767_225_600, nanoseconds: 500_000_000)
        let expected = hex(
            """
            24              # no warning, version 4, mode 4: a server
            02 06 EC        # stratum 2, the client's poll, 2^-20 s
            00000042 00000042   # about 1 ms each
            C612007B        # its own server: 198.18.0.123
            ED003780 00000000   # set at the start of this 64 s interval
            DEADBEEF 01020304   # origin
            ED003780 80000000   # received
            ED003780 80000000   # sent
            """
        )
        guard case .reply(let packet) = NTPServer().answer(hex(Self.request), now: { now }) else {
            Issue.record("no reply")
            return
        }
        #expect(packet.bytes == expected)
    }

    @Test("answers old versions in their own")
    func versions() throws {
        for (flags, version) in [(0x1B, 0x1C), (0x13, 0x14), (0x0B, 0x0C), (0x08, 0x0C)] as [(UInt8, UInt8)] {
            var packet = hex(Self.request)
            packet.setInteger(flags, at: 0)
            guard case .reply(let reply) = NTPServer().answer(packet) else {
                Issue.record("no reply to \(flags)")
                continue
            }
            #expect(reply.bytes.getInteger(at: 0) == version)
        }
    }

    @Test(
        "says nothing to what is no client",
        arguments: [0xE4, 0xE1, 0xE5, 0xE6, 0xE7, 0xEB, 0x03, 0x20] as [UInt8]
    )
    func dropped(flags: UInt8) {
        var packet = hex(Self.request)
        packet.setInteger(flags, at: 0)
        guard case .drop = NTPServer().answer(packet) else {
            Issue.record("a reply to \(flags)")
            return
        }
    }

    @Test("says nothing to what is too short")
    func short() {
        #expect(NTPServer().answer(hex("E3")) == .drop(reason: "shorter than 48 bytes"))
    }

    @Test("goes on in 2036, when the 32 bits are over")
    func nextEra() {
        #expect(NTPTimestamp(seconds: 2_085_978_496, nanoseconds: 0).bits == 0)
    }
}
