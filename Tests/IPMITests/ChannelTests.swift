import Testing

@testable import IPMI

@Suite("The channel")
struct ChannelTests {
    @Test("is described, and its access is set for now and for good")
    func access() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x06, 0x41, [0x0E, 0x40]).data == [0x22, 0x04], "non-volatile")
        #expect(try console.command(0x06, 0x41, [0x01, 0x80]).data == [0x22, 0x04], "volatile")
        #expect(try console.command(0x06, 0x41, [0x01, 0x00]).completion == 0xCC)
        #expect(try console.command(0x06, 0x41, [0x02, 0x80]).completion == 0xCC, "no such channel")
        #expect(try console.command(0x06, 0x40, [0x01, 0x40 | 0x0A, 0x40 | 0x03]).completion == 0)
        #expect(try console.command(0x06, 0x41, [0x01, 0x40]).data == [0x0A, 0x03])
        #expect(try console.command(0x06, 0x41, [0x01, 0x80]).data == [0x22, 0x04])
        console.bmc.sessions.closeAll()
        #expect(try console.logIn(.init(role: 0x13)) == 0)
        #expect(try console.command(0x06, 0x41, [0x01, 0x80]).data == [0x0A, 0x03], "after a restart")
    }

    @Test("has no modes in which machine and BMC share a port")
    func modes() throws {
        let console = try Console.loggedIn()
        for mode: UInt8 in [0x01, 0x03, 0x07] {
            #expect(try console.command(0x06, 0x40, [0x01, 0x80 | mode, 0x00]).completion == 0x83)
        }
        #expect(try console.command(0x06, 0x40, [0x01, 0x00, 0x85]).completion == 0xCC, "a vendor's level")
        #expect(try console.command(0x06, 0x40, [0x01, 0xC2, 0x00]).completion == 0xCC)
    }

    @Test("limits every session, also those that are open")
    func limit() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x06, 0x40, [0x0E, 0x00, 0x80 | 0x03]).completion == 0)
        #expect(try console.command(0x06, 0x3B, [0x00]).data == [0x03])
        #expect(try console.logIn() == SessionStatus.unauthorizedRole.rawValue)
        #expect(try console.logIn15().completion == 0x86)
        #expect(try console.logIn(.init(role: 0x13)) == 0)
        #expect(try console.raise(to: .administrator).completion == 0x81)
        #expect(try console.raise(to: .operator).completion == 0)
    }

    @Test("lets nobody in once it is disabled")
    func disabled() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x06, 0x40, [0x0E, 0x80, 0x00]).completion == 0)
        #expect(console.send(console.openSession()) == [.drop(.channelDisabled)])
        let request = Request(function: 0x06, code: 0x38, data: [0x0E, 0x04])
        #expect(console.send(V15Packet(payload: request.encoded).encoded) == [.drop(.channelDisabled)])
        #expect(try console.command(0x06, 0x40, [0x0E, 0x82, 0x00]).completion == 0, "who is in may undo it")
        #expect(try console.logIn() == 0)
    }

    @Test("has a key of its own, K_G, without which nobody logs in once it is set")
    func channelKey() throws {
        let console = try Console.loggedIn()
        let key = [UInt8](0x31...0x44)
        #expect(
            try console.command(0x06, 0x56, [0x0E, 0x00, 0x01]).data == [0x00]
                + [UInt8](repeating: 0, count: 20)
        )
        #expect(try console.command(0x06, 0x56, [0x0E, 0x01, 0x01] + key.dropLast()).completion == 0x81)
        #expect(try console.command(0x06, 0x56, [0x0E, 0x01, 0x01] + key + [0]).completion == 0x82)
        #expect(try console.command(0x06, 0x56, [0x0E, 0x01, 0x00] + key).completion == 0x84, "K_R")
        #expect(try console.command(0x06, 0x56, [0x0E, 0x02, 0x01]).completion == 0xCC, "no lock")
        #expect(try console.command(0x06, 0x56, [0x0E, 0x01, 0x01] + key).completion == 0)
        #expect(try console.command(0x06, 0x56, [0x0E, 0x00, 0x01]).data == [0x00] + key)
        #expect(try console.outside(0x38, [0x8E, 0x04]).data[2] == 0x24)
        // The proofs of RAKP messages 2 and 3 need the password alone, message 4 and all that follows both keys.
        var logIn = Console.LogIn()
        logIn.channelKey = key
        #expect(try console.logIn(logIn) == 0)
        #expect(try console.raise().completion == 0)
        logIn.channelKey = nil
        let opened = try Console.payload(console.send(console.openSession(logIn)))
        console.link.managedID = Console.managedID(opened)
        let exchange = console.exchange(logIn, try Console.payload(console.send(console.rakp1(logIn))))
        let final = try Console.payload(console.send(console.rakp3(exchange.consoleProof)))
        #expect(Array(final[8...]) != exchange.finalProof(exchange.sessionIntegrityKey))
    }

    @Test("has cipher suites that are on up to a level")
    func cipherSuites() throws {
        let console = Console()
        #expect(console.bmc.sessions.cipherSuites.levels == [0, 0, 4, 0, 0, 4])
        let suites = try #require(CipherSuites(levels: [2, 0, 4, 0, 0, 0]))
        console.bmc.sessions.cipherSuites = suites
        #expect(CipherSuites(levels: [5, 0, 0, 0, 0, 0]) == nil)
        #expect(CipherSuites(levels: [4]) == nil)
        let none = SessionStatus.noCipherSuiteMatch.rawValue
        #expect(try console.logIn(.init(suite: .sha1)) == none, "as administrator")
        #expect(try console.logIn(.init(suite: .sha1, role: 0x12, maximum: 0x02)) == 0)
        #expect(
            try console.logIn(.init(suite: .sha1, role: 0x14, maximum: 0x00)) == 0x0A,
            "up to the suite's limit"
        )
        #expect(try console.logIn(.init(suite: .sha256SignedEncrypted)) != 0)
        #expect(try console.logIn() == 0)
        let request = Request(function: 0x06, code: 0x54, data: [0x0E, 0x00, 0x80])
        let answer = console.send(V15Packet(payload: request.encoded).encoded)
        let list = Array(try #require(Console.answer(answer))[20...].dropLast())
        #expect(list == hex("00 01 C0 01 01 40 80 C0 03 01 41 81"))
    }

    @Test("keeps what machine and people tell each other")
    func systemInfo() throws {
        let console = try Console.loggedIn()
        let name = [UInt8]([0x00, 0x05]) + Array("ctl01".utf8) + [UInt8](repeating: 0, count: 9)
        #expect(try console.command(0x06, 0x58, [0x02, 0x00] + name).completion == 0)
        #expect(try console.command(0x06, 0x59, [0x00, 0x02, 0x00, 0x00]).data == [0x11, 0x00] + name)
        #expect(try console.command(0x06, 0x59, [0x80, 0x02, 0x00, 0x00]).data == [0x11])
        #expect(try console.command(0x06, 0x59, [0x00, 0x30, 0x00, 0x00]).completion == 0x80)
        #expect(try console.command(0x06, 0x58, [0x30, 0x00, 0x00]).completion == 0x80)
        #expect(try console.command(0x06, 0x58, [0x02, 0x04, 0x00]).completion == 0xC9)
        #expect(try console.command(0x06, 0x59, [0x00, 0x02, 0x04, 0x00]).completion == 0xC9)
        #expect(try console.command(0x06, 0x58, [0x00, 0x01]).completion == 0)
        #expect(try console.command(0x06, 0x58, [0x00, 0x01]).completion == 0x81)
        #expect(try console.command(0x06, 0x58, [0x00, 0x00]).completion == 0)
    }

    @Test("tells the power state that the machine's software is in")
    func powerState() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x06, 0x07).data == [0x00, 0x00])
        #expect(try console.command(0x06, 0x06, [0x81, 0x00]).completion == 0)
        #expect(try console.command(0x06, 0x07).data == [0x01, 0x00])
        #expect(try console.command(0x06, 0x06, [0xC0, 0x00]).completion == 0xCC)
        console.isPowered = false
        #expect(try console.command(0x06, 0x07).data == [0x05, 0x00], "soft off")
    }
}
