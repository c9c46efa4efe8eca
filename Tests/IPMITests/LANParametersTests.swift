import Testing

@testable import IPMI

@Suite("LAN parameters")
struct LANParametersTests {
    private func get(_ console: Console, _ parameter: UInt8) throws -> [UInt8] {
        try console.command(0x0C, 0x02, [0x01, parameter, 0, 0]).data
    }

    @Test("are those of IPMI 2.0 Table 23-4")
    func values() throws {
        let console = try Console.loggedIn()
        let expected: [(UInt8, String)] = [
            (0, "11 00        # set complete"),
            (3, "11 00 00 00 00"),
            (4, "11 01        # static"),
            (6, "11 FF FF FF 00"),
            (7, "11 40 40 00  # 64 hops, do not fragment"),
            (8, "11 6F 02     # port 623"),
            (10, "11 02       # answers ARP, says nothing unasked"),
            (17, "11 00       # no alert destinations"),
            (20, "11 00 00    # no VLAN"),
            (1, "11 14        # MD5 and password"),
            (2, "11 14 14 14 14 00  # for every level but the vendor's"),
            (22, "11 06       # six cipher suites"),
            (23, "11 00 01 02 03 0F 10 11 00 00 00 00 00 00 00 00 00 00"),
            (24, "11 00 00 04 40 00 00 00 00 00  # 3 and 17 up to administrator"),
        ]
        for (parameter, value) in expected {
            #expect(try get(console, parameter) == hex(value), "\(parameter)")
        }
        #expect(try console.command(0x0C, 0x02, [0x81, 3, 0, 0]).data == [0x11], "revision only")
        for parameter: UInt8 in [9, 18, 50, 192, 255] {
            #expect(try console.command(0x0C, 0x02, [0x01, parameter, 0, 0]).completion == 0x80)
            #expect(try console.command(0x0C, 0x01, [0x01, parameter, 0]).completion == 0x80)
        }
        #expect(try console.command(0x0C, 0x02, [0x02, 3, 0, 0]).completion == 0xCC, "no channel 2")
    }

    @Test("that can be written read back, and the others say that they cannot")
    func write() throws {
        let console = try Console.loggedIn()
        for (parameter, value) in [
            (6, "FF FF 00 00"), (12, "0A 00 00 01"), (13, "02 00 00 00 00 01"), (14, "0A 00 00 02"),
            (15, "02 00 00 00 00 02"), (16, "6C 61 62 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"),
        ] as [(UInt8, String)] {
            #expect(try console.command(0x0C, 0x01, [0x01, parameter] + hex(value)).completion == 0)
            #expect(try get(console, parameter) == [0x11] + hex(value), "\(parameter)")
        }
        for parameter: UInt8 in [1, 5, 7, 8, 10, 11, 17, 20, 21, 22, 23] {
            #expect(try console.command(0x0C, 0x01, [0x01, parameter, 0]).completion == 0x82, "\(parameter)")
        }
        #expect(try console.command(0x0C, 0x01, [0x01, 6, 0xFF, 0x00, 0xFF, 0x00]).completion == 0xCC)
        #expect(try console.command(0x0C, 0x01, [0x01, 3, 224, 0, 0, 1]).completion == 0xCC, "multicast")
        #expect(try console.command(0x0C, 0x01, [0x01, 4, 2]).completion == 0xD5, "nobody gives addresses")
    }

    @Test("switch cipher suites and authentication types on and off")
    func suites() throws {
        let console = try Console.loggedIn()
        let only17 = hex("00 00 00 30 00 00 00 00 00  # the sixth suite, up to operator")
        #expect(try console.command(0x0C, 0x01, [0x01, 24] + only17).completion == 0)
        #expect(try get(console, 24) == [0x11] + only17)
        let other = Console()
        other.bmc = console.bmc
        #expect(try other.logIn() != 0, "suite 3 is off")
        #expect(
            try console.command(0x0C, 0x01, [0x01, 24] + hex("00 0F 00 00 00 00 00 00 00")).completion == 0xCC
        )
        #expect(try console.command(0x0C, 0x01, [0x01, 2, 0x04, 0x04, 0x04, 0x04, 0]).completion == 0)
        #expect(try get(console, 2) == hex("11 04 04 04 04 00"))
        #expect(
            try console.command(0x0C, 0x01, [0x01, 2, 0x01, 0, 0, 0, 0]).completion == 0xCC,
            "none, never"
        )
    }

    @Test("move the BMC once its network has agreed")
    func address() throws {
        let console = try Console.loggedIn()
        let actions = console.send(try console.packet(0x0C, 0x01, [0x01, 3, 10, 0, 0, 9]))
        var wanted = LANSettings()
        wanted.address = 0x0A00_0009
        guard case .perform(.move(wanted), let ticket) = actions.first, actions.count == 1 else {
            Issue.record("\(actions)")
            return
        }
        #expect(try get(console, 3) == hex("11 00 00 00 00"), "not yet")
        let refused = console.bmc.complete(ticket, .notInPresentState, at: console.now)
        #expect(try console.read(refused).completion == 0xD5)
        #expect(try get(console, 3) == hex("11 00 00 00 00"), "not at all")
        #expect(try console.command(0x0C, 0x01, [0x01, 3, 10, 0, 0, 9]).completion == 0)
        #expect(try get(console, 3) == hex("11 0A 00 00 09"))
    }

    @Test("say to a second writer that somebody writes")
    func setInProgress() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x0C, 0x01, [0x01, 0, 1]).completion == 0)
        #expect(try get(console, 0) == hex("11 01"))
        try console.another(40001) { (other) throws in
            #expect(try other.command(0x0C, 0x01, [0x01, 0, 1]).completion == 0x81)
        }
        #expect(try console.command(0x0C, 0x01, [0x01, 0, 0]).completion == 0)
        #expect(try get(console, 0) == hex("11 00"))
    }

    @Test("count the packets")
    func statistics() throws {
        let console = try Console.loggedIn()
        _ = try console.command(0x0C, 0x04, [0x01, 0x01])
        _ = console.send([1, 2, 3])
        let answer = try console.command(0x0C, 0x04, [0x01, 0x00]).data
        let expected = hex(
            """
            02 00 00 00 00 00 00 00  # two packets, no errors, no fragments
            01 00                    # one answer
            02 00 01 00              # two of UDP, one of them RMCP
            00 00 00 00              # none for others
            """
        )
        #expect(answer == expected)
    }
}
