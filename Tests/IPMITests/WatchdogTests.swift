import Testing

@testable import IPMI

@Suite("The watchdog")
struct WatchdogTests {
    private func get(_ console: Console) throws -> [UInt8] {
        let answer = try console.command(0x06, 0x25)
        #expect(answer.completion == 0)
        return answer.data
    }

    /// SMS/OS, hard reset after 10 s.
    static let reset: [UInt8] = [0x04, 0x01, 0, 0x10, 0x64, 0x00]

    @Test("is read as IPMI 2.0 §27.7 has it")
    func format() throws {
        let console = try Console.loggedIn()
        #expect(try get(console) == [0, 0, 0, 0, 0, 0, 0, 0], "nobody has set it")
        let set = hex(
            """
            84     # SMS/OS, not logged
            21     # an NMI before a hard reset
            05     # five seconds before
            10     # clears the expiration flag of SMS/OS
            2C 01  # 30 s
            """
        )
        #expect(try console.command(0x06, 0x24, set).completion == 0)
        let stopped = hex(
            """
            84     # not logged, stopped, SMS/OS
            21 05 00
            2C 01
            2C 01  # nothing has been counted
            """
        )
        #expect(try get(console) == stopped)
        #expect(try console.command(0x06, 0x22).completion == 0)
        console.now += .seconds(12)
        #expect(try get(console) == hex("C4 21 05 00 2C 01 B4 00  # running, 18 s left"))
    }

    @Test("must be set before it is started")
    func uninitialized() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x06, 0x22).completion == 0x80)
        #expect(try console.command(0x06, 0x24, Self.reset).completion == 0)
        console.isPowered = false
        #expect(try console.command(0x06, 0x22).completion == 0xD5, "nothing to watch")
        console.isPowered = true
        #expect(try console.command(0x06, 0x22).completion == 0)
    }

    @Test(
        "does to the machine what it is set to",
        arguments: [(1, 0x3), (2, 0x0), (3, 0x2)] as [(UInt8, UInt8)]
    )
    func fires(action: UInt8, control: UInt8) throws {
        let console = try Console.loggedIn()
        _ = try console.command(0x06, 0x24, [0x04, action, 0, 0, 0x64, 0x00])
        _ = try console.command(0x06, 0x22)
        let deadline = console.now + .seconds(10)
        #expect(console.bmc.watchdog.deadline == deadline)
        #expect(!performs(console.bmc.advance(to: deadline - .milliseconds(1)), control))
        console.now = deadline
        let actions = console.bmc.advance(to: deadline)
        #expect(performs(actions, control))
        for case .perform(_, let ticket) in actions {
            #expect(console.bmc.complete(ticket, .success, at: console.now) == [], "nobody has asked")
        }
        #expect(try get(console)[0] & 0x40 == 0, "stopped")
        #expect(try get(console)[3] == 0x10, "expired in use SMS/OS")
        #expect(console.bmc.boots(.unknown, at: console.now) == nil)
        let cause = try console.command(0x00, 0x07).data
        #expect(cause == [action == 2 ? 0x00 : 0x04, 0x00], "restart cause")
        _ = try console.command(0x06, 0x24, [0x04, 0, 0, 0x10, 0x64, 0x00])
        #expect(try get(console)[3] == 0, "cleared")
    }

    private func performs(_ actions: [Action], _ control: UInt8) -> Bool {
        actions.contains { action in
            if case .perform(.control(let done), _) = action { done.rawValue == control } else { false }
        }
    }

    @Test("interrupts the machine before its time")
    func interrupt() throws {
        let console = try Console.loggedIn()
        _ = try console.command(0x06, 0x24, [0x04, 0x21, 4, 0, 0x64, 0x00])
        _ = try console.command(0x06, 0x22)
        let start = console.now
        let first = console.bmc.advance(to: start + .seconds(6))
        #expect(performs(first, 0x4))
        #expect(!performs(console.bmc.advance(to: start + .seconds(10)), 0x3), "the machine is still busy")
        guard case .perform(_, let ticket) = first.first else { return }
        let second = console.bmc.complete(ticket, .success, at: start + .seconds(11))
        #expect(performs(second, 0x3), "as soon as it is not")
    }

    @Test("does nothing while it is reset in time, or runs on where it is told to")
    func keptAlive() throws {
        let console = try Console.loggedIn()
        _ = try console.command(0x06, 0x24, Self.reset)
        for _ in 0..<5 {
            #expect(try console.command(0x06, 0x22).completion == 0)
            console.now += .seconds(9)
            #expect(!performs(console.bmc.advance(to: console.now), 0x3))
        }
        _ = try console.command(0x06, 0x24, [0x44, 0x01, 0, 0, 0xC8, 0x00])
        #expect(try get(console)[0] & 0x40 != 0, "not stopped")
        #expect(console.bmc.watchdog.deadline == console.now + .seconds(20))
        _ = try console.command(0x06, 0x24, Self.reset)
        #expect(try get(console)[0] & 0x40 == 0, "stopped")
    }

    @Test("stands still when the machine is off or boots")
    func machineOff() throws {
        let console = try Console.loggedIn()
        _ = try console.command(0x06, 0x24, Self.reset)
        _ = try console.command(0x06, 0x22)
        console.bmc.note(.poweredOff, at: console.now)
        #expect(console.bmc.watchdog.deadline == nil)
        _ = try console.command(0x06, 0x22)
        _ = console.bmc.boots(.softReset, at: console.now)
        #expect(console.bmc.watchdog.deadline == nil)
        _ = try console.command(0x06, 0x22)
        _ = try console.command(0x00, 0x02, [0x00])
        #expect(console.bmc.watchdog.deadline == nil)
    }

    @Test(
        "refuses what this machine cannot do",
        arguments: [
            "00 01 00 00 64 00", "04 11 00 00 64 00", "04 31 00 00 64 00", "04 04 00 00 64 00",
            "04 01 0B 00 64 00",
        ]
    )
    func refused(data: String) throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x06, 0x24, hex(data)).completion == 0xCC)
        #expect(try console.command(0x06, 0x22).completion == 0x80, "not set")
    }

    @Test("fires at once when it is set to nothing")
    func zero() throws {
        let console = try Console.loggedIn()
        _ = try console.command(0x06, 0x24, [0x04, 0x01, 0, 0, 0, 0])
        _ = try console.command(0x06, 0x22)
        #expect(performs(console.bmc.advance(to: console.now), 0x3))
    }
}
