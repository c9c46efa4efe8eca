import Testing

@testable import IPMI

@Suite("Boot options")
struct BootOptionsTests {
    static let pxeOnce: [UInt8] = [0x05, 0x80, 0x04, 0, 0, 0]
    static let getFlags: [UInt8] = [0x05, 0, 0]

    private func flags(_ console: Console) throws -> [UInt8] {
        let answer = try console.command(0x00, 0x09, Self.getFlags)
        #expect(answer.completion == 0)
        #expect(answer.data.first == 0x01)
        return Array(answer.data.dropFirst())
    }

    @Test(
        "read back what was set",
        arguments: [
            [0x80, 0x04, 0, 0, 0], [0xC0, 0x08, 0, 0, 0], [0xE0, 0x14, 0, 0, 0], [0xA0, 0x18, 0, 0, 0],
            [0x80, 0x00, 0, 0, 0], [0x00, 0x04, 0, 0, 0], [0x00, 0x00, 0, 0, 0],
        ] as [[UInt8]]
    )
    func readBack(value: [UInt8]) throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x00, 0x08, [0x05] + value).completion == 0)
        #expect(try flags(console) == [0x05] + value)
    }

    @Test(
        "that cannot be met are refused and change nothing",
        arguments: [
            [0x80, 0x0C, 0, 0, 0], [0x80, 0x10, 0, 0, 0], [0x80, 0x3C, 0, 0, 0], [0x80, 0x84, 0, 0, 0],
            [0x80, 0x44, 0, 0, 0], [0x80, 0x06, 0, 0, 0], [0x80, 0x05, 0, 0, 0], [0x81, 0x04, 0, 0, 0],
            [0x80, 0x04, 1, 0, 0], [0x80, 0x04, 0, 1, 0], [0x80, 0x04, 0, 0, 1],
        ] as [[UInt8]]
    )
    func refused(value: [UInt8]) throws {
        let console = try Console.loggedIn()
        _ = try console.command(0x00, 0x08, Self.pxeOnce)
        #expect(try console.command(0x00, 0x08, [0x05] + value).completion == 0xCC)
        #expect(try flags(console) == Self.pxeOnce)
    }

    @Test("count only once the machine has agreed")
    func agreement() throws {
        let console = try Console.loggedIn()
        let actions = console.send(try console.packet(0x00, 0x08, Self.pxeOnce))
        guard case .perform(.boot(BootFlags(.network)), let ticket) = actions.first else {
            Issue.record("the machine was not asked: \(actions)")
            return
        }
        #expect(try flags(console)[1] == 0)
        #expect(console.bmc.boots(.chassisControl, at: console.now) == nil)
        let answer = try console.read(console.bmc.complete(ticket, .unspecified, at: console.now))
        #expect(answer.completion == 0xFF)
        #expect(try flags(console)[1] == 0)
    }

    @Test("for one boot are spent by it, persistent ones are not")
    func once() throws {
        let console = try Console.loggedIn()
        _ = try console.command(0x00, 0x08, Self.pxeOnce)
        #expect(console.bmc.boots(.chassisControl, at: console.now) == BootFlags(.network))
        #expect(console.bmc.boots(.chassisControl, at: console.now) == nil)
        #expect(try flags(console) == [0x05, 0x00, 0x04, 0, 0, 0])
        _ = try console.command(0x00, 0x08, [0x05, 0xE0, 0x08, 0, 0, 0])
        for cause in [RestartCause.chassisControl, .softReset, .powerButton] {
            #expect(
                console.bmc.boots(cause, at: console.now) == BootFlags(.disk, persistent: true, efi: true)
            )
            console.now += .seconds(100)
            #expect(!console.bmc.advance(to: console.now).contains(.forgetBoot))
        }
    }

    @Test("lapse after a minute without a chassis control")
    func expiry() throws {
        let console = try Console.loggedIn()
        _ = try console.command(0x00, 0x08, Self.pxeOnce)
        console.now += .seconds(59)
        #expect(!console.bmc.advance(to: console.now).contains(.forgetBoot))
        #expect(try flags(console)[1] == 0x80)
        console.now += .seconds(1)
        #expect(console.bmc.advance(to: console.now) == [.forgetBoot])
        #expect(try flags(console)[1] == 0x00)
        #expect(console.bmc.boots(.chassisControl, at: console.now) == nil)
    }

    @Test("last a minute more from each chassis control")
    func prolonged() throws {
        let console = try Console.loggedIn()
        _ = try console.command(0x00, 0x08, Self.pxeOnce)
        console.now += .seconds(50)
        _ = try console.command(0x00, 0x02, [0x03])
        console.now += .seconds(50)
        #expect(!console.bmc.advance(to: console.now).contains(.forgetBoot))
        #expect(console.bmc.boots(.chassisControl, at: console.now) == BootFlags(.network))
    }

    @Test("lapse in time even when nobody looked at the clock")
    func expiryUnseen() throws {
        let console = try Console.loggedIn()
        _ = try console.command(0x00, 0x08, Self.pxeOnce)
        console.now += .seconds(60)
        #expect(console.bmc.boots(.chassisControl, at: console.now) == nil)
    }

    @Test("last for ever when parameter 3 says so, as Ironic has it")
    func noExpiry() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x00, 0x08, [0x03, 0x08]).completion == 0)
        #expect(try console.command(0x00, 0x09, [0x03, 0, 0]).data == [0x01, 0x03, 0x08])
        _ = try console.command(0x00, 0x08, Self.pxeOnce)
        console.now += .seconds(3600)
        #expect(!console.bmc.advance(to: console.now).contains(.forgetBoot))
        #expect(console.bmc.boots(.chassisControl, at: console.now) == BootFlags(.network))
    }

    @Test(
        "are cleared by a boot that nobody asked for, unless parameter 3 spares them",
        arguments: [
            (RestartCause.powerButton, 0x01), (.resetButton, 0x02), (.softReset, 0x02), (.watchdog, 0x04),
            (.platformEventReset, 0x10), (.platformEventCycle, 0x10),
        ] as [(RestartCause, UInt8)]
    )
    func otherBoots(_ boot: (cause: RestartCause, bit: UInt8)) throws {
        for (value, expected) in [(boot.bit, BootFlags(.network)), (~boot.bit & 0x1F, nil)] {
            let console = try Console.loggedIn()
            _ = try console.command(0x00, 0x08, [0x03, value])
            _ = try console.command(0x00, 0x08, Self.pxeOnce)
            #expect(console.bmc.boots(boot.cause, at: console.now) == expected)
            #expect(console.bmc.boots(.chassisControl, at: console.now) == nil, "spent or cleared")
        }
    }

    @Test("may be marked invalid, and valid again, without a value")
    func marks() throws {
        let console = try Console.loggedIn()
        _ = try console.command(0x00, 0x08, Self.pxeOnce)
        #expect(try console.command(0x00, 0x08, [0x85]).completion == 0)
        #expect(try flags(console) == [0x85, 0x80, 0x04, 0, 0, 0])
        #expect(try console.command(0x00, 0x08, [0x05]).completion == 0)
        #expect(console.bmc.boots(.chassisControl, at: console.now) == BootFlags(.network))
    }

    @Test("tell a second writer that somebody writes, until that one has gone")
    func setInProgress() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x00, 0x08, [0x00, 0x01]).completion == 0)
        #expect(try console.command(0x00, 0x08, [0x00, 0x01]).completion == 0, "its own")
        let first = console.link
        #expect(try console.logIn() == 0)
        try console.raise()
        #expect(try console.command(0x00, 0x08, [0x00, 0x01]).completion == 0x81)
        #expect(try console.command(0x00, 0x09, [0x00, 0, 0]).data == [0x01, 0x00, 0x01])
        let second = console.link
        console.link = first
        var id: [UInt8] = []
        id.append(littleEndian: first.managedID)
        #expect(try console.command(0x06, 0x3C, id).completion == 0)
        console.link = second
        #expect(try console.command(0x00, 0x08, [0x00, 0x01]).completion == 0)
        #expect(try console.command(0x00, 0x08, [0x00, 0x00]).completion == 0)
        #expect(try console.command(0x00, 0x09, [0x00, 0, 0]).data == [0x01, 0x00, 0x00])
    }

    @Test("acknowledge under a mask")
    func acknowledge() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x00, 0x08, [0x04, 0x01, 0x1F]).completion == 0)
        #expect(try console.command(0x00, 0x09, [0x04, 0, 0]).data == [0x01, 0x04, 0x00, 0x01])
    }

    @Test("that do not exist are not supported", arguments: [0x01, 0x02, 0x08, 0x60] as [UInt8])
    func unsupported(parameter: UInt8) throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x00, 0x08, [parameter, 0]).completion == 0x80)
        #expect(try console.command(0x00, 0x09, [parameter, 0, 0]).completion == 0x80)
    }
}
