import Testing

@testable import IPMI

@Suite("The chassis")
struct ChassisTests {
    @Test("counts how long it was powered")
    func powerOnHours() throws {
        let console = try Console.loggedIn()
        func minutes() throws -> [UInt8] { try console.command(0x00, 0x0F).data }
        #expect(try minutes() == [1, 0, 0, 0, 0], "minutes a count, then the count")
        for _ in 0..<300 {
            console.now += .seconds(30)
            _ = try console.command(0x06, 0x01)
        }
        #expect(try minutes() == [1, 150, 0, 0, 0])
        console.bmc.note(.poweredOff, at: console.now)
        console.isPowered = false
        console.now += .seconds(50)
        #expect(try minutes() == [1, 150, 0, 0, 0])
        console.bmc.note(.poweredOn, at: console.now)
        console.isPowered = true
        for _ in 0..<300 {
            console.now += .seconds(30)
            _ = try console.command(0x06, 0x01)
        }
        #expect(try minutes() == [1, 44, 1, 0, 0])
    }

    @Test("says when the machine did not do what it was told")
    func controlFault() throws {
        let console = try Console.loggedIn()
        let actions = console.send(try console.packet(0x00, 0x02, [0x03]))
        for case .perform(_, let ticket) in actions {
            _ = console.bmc.complete(ticket, .unspecified, at: console.now)
        }
        #expect(try console.command(0x00, 0x01).data == [0x11, 0x00, 0x40])
        #expect(try console.command(0x00, 0x02, [0x03]).completion == 0)
        #expect(try console.command(0x00, 0x01).data == [0x01, 0x00, 0x40])
    }

    @Test("says what it has, and where")
    func capabilities() throws {
        let console = try Console.loggedIn()
        let expected = hex(
            """
            04              # a diagnostic interrupt
            20 20 20 20 20  # the BMC has FRU, SDR, SEL, system management and bridge
            """
        )
        #expect(try console.command(0x00, 0x00).data == expected)
        #expect(try console.command(0x00, 0x05, [0x00, 0x20, 0x22, 0x20, 0x20]).completion == 0)
        #expect(try console.command(0x00, 0x00).data == hex("04 20 22 20 20 20"))
        #expect(
            try console.command(0x00, 0x05, [0x01, 0x20, 0x20, 0x20, 0x20]).completion == 0xCC,
            "no sensor"
        )
    }

    @Test("stays off for the power cycle interval")
    func cycleInterval() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x00, 0x0B, [0x07]).completion == 0)
        let actions = console.send(try console.packet(0x00, 0x02, [0x02]))
        guard case .perform(.control(.powerDown), let ticket) = actions.first else {
            Issue.record("off first: \(actions)")
            return
        }
        let done = console.bmc.complete(ticket, .success, at: console.now)
        #expect(try console.read(done).completion == 0)
        console.isPowered = false
        console.now += .milliseconds(6999)
        #expect(try #require(console.bmc.nextDeadline) <= console.now + .milliseconds(1))
        #expect(console.bmc.advance(to: console.now) == [])
        console.now += .milliseconds(1)
        guard case .perform(.control(.powerUp), let second) = console.bmc.advance(to: console.now).first
        else {
            Issue.record("then on")
            return
        }
        #expect(console.bmc.complete(second, .success, at: console.now) == [])
        _ = console.bmc.boots(.unknown, at: console.now)
        console.isPowered = true
        #expect(try console.command(0x00, 0x07).data == [0x01, 0x01], "chassis control")
        #expect(try console.command(0x00, 0x01).data[1] == 0x10, "on by command")
    }

    @Test("does not power on after all when it is told so in the pause")
    func pauseEnds() throws {
        let console = try Console.loggedIn()
        _ = try console.command(0x00, 0x0B, [0x07])
        _ = try console.command(0x00, 0x02, [0x02])
        console.isPowered = false
        #expect(try console.command(0x00, 0x02, [0x00]).completion == 0)
        console.now += .seconds(8)
        #expect(console.bmc.advance(to: console.now) == [])
    }

    @Test("keeps what software leaves for the boot: initiator and mailbox")
    func bootNotes() throws {
        let console = try Console.loggedIn()
        let initiator = hex("06 01 44 33 22 11 78 56 34 12  # channel 1, session, time")
        #expect(try console.command(0x00, 0x08, initiator).completion == 0)
        #expect(try console.command(0x00, 0x09, [0x06, 0, 0]).data == [0x01] + initiator)
        let block = hex("07 01 AA BB CC")
        #expect(try console.command(0x00, 0x08, block).completion == 0)
        let read = try console.command(0x00, 0x09, [0x07, 0x01, 0]).data
        #expect(read == hex("01 07 01 AA BB CC") + [UInt8](repeating: 0, count: 13))
        #expect(try console.command(0x00, 0x09, [0x07, 0x05, 0]).completion == 0xC9)
        #expect(try console.command(0x00, 0x08, [0x07, 0x05, 1]).completion == 0xC9)
        let tooLong = [0x07, 0x00] + [UInt8](repeating: 1, count: 17)
        #expect(try console.command(0x00, 0x08, tooLong).completion == 0xC7)
    }
}
