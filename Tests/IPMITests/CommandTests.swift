import Testing

@testable import IPMI

@Suite("Commands")
struct CommandTests {
    @Test("that nobody knows are answered so, in a session and outside")
    func unknown() throws {
        let console = try Console.loggedIn()
        for function: UInt8 in stride(from: 0, to: 64, by: 2) {
            for number: UInt8 in [0x00, 0x01, 0x02, 0x3A, 0x60, 0xFF]
            where Command(function: function, code: number) == nil {
                #expect(try console.command(function, number).completion == 0xC1)
                let request = Request(function: function, code: number)
                let outside = console.send(V15Packet(payload: request.encoded).encoded)
                #expect(Console.answer(outside)?[20] == 0xC1)
            }
        }
    }

    @Test("need the level of Appendix G", arguments: Command.all)
    func privileges(command: Command) throws {
        let (function, number) = command.code
        for account in Console.accounts {
            let console = Console()
            let role = 0x10 | account.limit.rawValue
            #expect(try console.logIn(.init(user: account.name, password: account.password, role: role)) == 0)
            try console.raise(to: account.limit)
            let answer = try console.command(function, number)
            let isAllowed = account.limit >= command.privilege ?? .callback
            #expect((answer.completion == 0xD4) != isAllowed, "\(account.name): \(command.name)")
        }
    }

    /// Appendix G's rows of network function App, but for those that need no session.
    static let appendixG: [UInt8: PrivilegeLevel] = [
        0x01: .user, 0x02: .administrator, 0x03: .administrator, 0x04: .user, 0x06: .administrator,
        0x07: .user, 0x08: .user, 0x2F: .user, 0x3B: .user, 0x3C: .callback, 0x3D: .user,
        0x40: .administrator, 0x41: .user, 0x42: .user, 0x43: .administrator, 0x44: .operator,
        0x45: .administrator, 0x46: .operator, 0x47: .administrator, 0x56: .administrator,
        0x58: .administrator, 0x59: .user,
    ]

    @Test("of network function App have the standard's levels", arguments: AppCommand.allCases)
    func levels(command: AppCommand) throws {
        let isUnprotected = [0x37, 0x38, 0x39, 0x3A, 0x54].contains(command.rawValue)
        #expect(isUnprotected == (Self.appendixG[command.rawValue] == nil), "\(command.name)")
        #expect(command.privilege == Self.appendixG[command.rawValue], "\(command.name)")
    }

    @Test("before log-in are five", arguments: Command.all)
    func sessionless(command: Command) throws {
        let console = Console()
        let (function, number) = command.code
        let message = Request(function: function, code: number).encoded
        for packet in [V15Packet(payload: message).encoded, RMCPPlusPacket.encode(.message, message)] {
            let answer = try #require(Console.answer(console.send(packet)))
            let completion = answer[packet[4] == 0x06 ? 22 : 20]
            #expect((completion == 0xD4) == (command.privilege != nil), "\(command.name): \(completion)")
        }
    }

    @Test("with any other length are refused and answered without stray bytes", arguments: Command.all)
    func lengths(command: Command) throws {
        let (function, number) = command.code
        // A record of sixteen bytes FFh is one of a vendor's, and fine.
        for length in 0..<40 where command != .storage(.addSELEntry) || length != 16 {
            let console = try Console.loggedIn()
            let answer = try console.command(function, number, [UInt8](repeating: 0xFF, count: length))
            if answer.completion != 0 { #expect(answer.data.isEmpty, "\(command.name), \(length) bytes") }
            if length > 12 { #expect(answer.completion != 0, "\(command.name), \(length) bytes") }
        }
    }

    @Test("for another address or unit are told so")
    func addresses() throws {
        let console = try Console.loggedIn()
        var request = Request(function: 0x06, code: 0x01, responder: 0x22)
        #expect(try console.read(console.send(console.packet(request.encoded))).completion == 0xD3)
        request = Request(function: 0x06, code: 0x01)
        request.responderUnit = 1
        #expect(try console.read(console.send(console.packet(request.encoded))).completion == 0xC2)
        request = Request(function: 0x07, code: 0x01)
        #expect(console.send(try console.packet(request.encoded)) == [.drop(.notForUs)], "a response")
    }

    @Test("about the chassis say what it is")
    func chassis() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x00, 0x01).data == [0x01, 0x00, 0x40])
        console.isPowered = false
        #expect(try console.command(0x00, 0x01).data == [0x00, 0x00, 0x40])
        for control: UInt8 in [2, 3, 4, 5] {
            #expect(try console.command(0x00, 0x02, [control]).completion == 0xD5)
        }
        for control: UInt8 in 6...15 {
            #expect(try console.command(0x00, 0x02, [control]).completion == 0xCC)
        }
        #expect(try console.command(0x00, 0x02, [0x01]).completion == 0)
        console.isPowered = true
        #expect(try console.command(0x00, 0x01).data == [0x01, 0x10, 0x40], "powered on by command")
        #expect(try console.command(0x00, 0x06, [0x02]).data == [0x07])
        #expect(console.bmc.powerRestorePolicy == .alwaysOn)
        #expect(try console.command(0x00, 0x01).data.first == 0x41)
        #expect(try console.command(0x00, 0x06, [0x04]).completion == 0xCC)
    }

    @Test("that boot the machine are the cause of its restart")
    func restartCause() throws {
        let console = try Console.loggedIn()
        func cause() throws -> [UInt8] { try console.command(0x00, 0x07).data }
        #expect(try cause() == [0x00, 0x00], "unknown")
        _ = try console.command(0x00, 0x02, [0x03])
        _ = console.bmc.boots(.unknown, at: console.now)
        #expect(try cause() == [0x01, 0x01], "chassis control, on channel 1")
        _ = console.bmc.boots(.unknown, at: console.now)
        #expect(try cause() == [0x00, 0x00], "a boot that nobody asked for")
        _ = try console.command(0x00, 0x02, [0x01])
        _ = console.bmc.boots(.softReset, at: console.now)
        #expect(try cause() == [0x0A, 0x00])
    }

    @Test("to identify light the machine for as long as they say")
    func identify() throws {
        let console = try Console.loggedIn()
        func light() throws -> UInt8 { try console.command(0x00, 0x01).data[2] >> 4 & 3 }
        #expect(try console.command(0x00, 0x04).completion == 0)
        #expect(try light() == 1)
        console.now += .seconds(15)
        #expect(console.bmc.advance(to: console.now) == [.identify(.off)])
        #expect(try light() == 0)
        #expect(try console.command(0x00, 0x04, [0x00, 0x01]).completion == 0)
        #expect(try light() == 2)
        console.now += .seconds(30)
        #expect(console.bmc.advance(to: console.now) == [])
        let off = console.send(try console.packet(0x00, 0x04, [0x00]))
        #expect(off.contains(.identify(.off)))
        #expect(try light() == 0)
    }
}
