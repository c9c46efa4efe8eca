import Testing

@testable import IPMI

@Suite("A restart of the BMC")
struct RestartTests {
    @Test(
        "is answered, ends the sessions, and leaves it silent for a while",
        arguments: [0x02, 0x03] as [UInt8]
    )
    func offline(command: UInt8) throws {
        let console = try Console.loggedIn()
        console.bmc.downtime.cold = .seconds(20)
        console.bmc.downtime.warm = .seconds(3)
        try console.activate()
        #expect(try console.command(0x06, command).completion == 0)
        let back = console.now + (command == 0x02 ? .seconds(20) : .seconds(3))
        let ping = PresencePing(tag: 1).encoded
        for datagram in [ping, console.openSession(), try console.packet(0x06, 0x01)] {
            #expect(console.send(datagram) == [.drop(.offline)])
        }
        console.now = back - .milliseconds(1)
        #expect(console.send(ping) == [.drop(.offline)])
        console.now = back
        #expect(Console.answer(console.send(ping)) != nil)
        #expect(console.send(try console.packet(0x06, 0x01)) == [.drop(.unknownSession)])
        #expect(console.bmc.consoleWatchers.isEmpty)
        #expect(try console.logIn() == 0)
    }

    @Test("forgets what no lasting memory keeps, and nothing else")
    func state() throws {
        let console = try Console.loggedIn()
        _ = try console.command(0x06, 0x24, WatchdogTests.reset)
        _ = try console.command(0x06, 0x22)
        _ = try console.command(0x00, 0x06, [0x02])
        _ = try console.command(0x00, 0x04, [0x00, 0x01])
        _ = try console.command(0x0C, 0x21, [0x01, 0x06, 0x06])
        _ = try console.command(0x0C, 0x21, [0x01, 0x04, 0x03, 0x64])
        let actions = console.send(try console.packet(0x06, 0x02))
        #expect(actions.contains(.identify(.off)))
        console.now += .seconds(5)
        #expect(try console.logIn() == 0)
        try console.raise()
        #expect(try console.command(0x06, 0x22).completion == 0x80, "the watchdog is not set any more")
        #expect(try console.command(0x00, 0x01).data.first == 0x41, "the policy is kept")
        #expect(
            try console.command(0x0C, 0x22, [0x01, 0x06, 0, 0]).data == [0x11, 0x0A],
            "volatile bit rate"
        )
        #expect(try console.command(0x0C, 0x22, [0x01, 0x04, 0, 0]).data == [0x11, 0x03, 0x64])
    }

    @Test("is an administrator's to ask for")
    func privilege() throws {
        let console = Console()
        #expect(try console.logIn(.init(user: "op", password: "op", role: 0x13)) == 0)
        try console.raise(to: .operator)
        #expect(try console.command(0x06, 0x02).completion == 0xD4)
        #expect(try console.command(0x06, 0x01).completion == 0)
    }
}
