import Testing

@testable import IPMI

@Suite("IPMI v1.5")
struct Version15Tests {
    static let offered: [AuthenticationType] = [.md5, .password]

    @Test("logs in, works and logs out", arguments: offered)
    func life(type: AuthenticationType) throws {
        let console = Console()
        let (completion, opened) = try console.logIn15(.init(type: type))
        #expect(completion == 0)
        var link = try #require(opened)
        #expect(link.level == 0x04)
        #expect(try console.command15(&link, 0x00, 0x01).data == [0x01, 0x00, 0x40])
        #expect(try console.command15(&link, 0x00, 0x02, [0x03]).completion == 0xD4, "it starts as a user's")
        #expect(try console.command15(&link, 0x06, 0x3B, [0x04]).data == [0x04])
        #expect(try console.command15(&link, 0x00, 0x02, [0x03]).completion == 0x00)
        let info = try console.command15(&link, 0x06, 0x3D, [0x00])
        #expect(Array(info.data[..<6]) == [0x01, 0x20, 0x01, 0x02, 0x04, 0x01], "v1.5 on channel 1")
        var id: [UInt8] = []
        id.append(littleEndian: link.id)
        #expect(try console.command15(&link, 0x06, 0x3C, id).completion == 0)
        #expect(console.send(console.packet15(&link, 0x06, 0x01)) == [.drop(.unknownSession)])
        #expect(console.bmc.nextDeadline == nil)
    }

    /// Computed by Python's hashlib: MD5 of password, session ID, message, number, password.
    static let md5Code = "62 B0 C5 D5 1B C8 D4 9E E1 7B 16 41 7F 98 5A 93"

    @Test("authenticates packets as the standard says")
    func wireFormat() throws {
        let password = Array("secret".utf8) + [UInt8](repeating: 0, count: 10)
        let md5 = try #require(MessageAuthentication(.md5, password: password))
        let message = Request(function: 0x00, code: 0x01, sequence: 7).encoded
        let packet = """
            06 00 FF 07
            02                       # MD5
            05 00 00 00              # number 5
            44 33 22 11              # session 11223344h
            \(Self.md5Code)
            07                       # 7 bytes
            20 00 E0 81 1C 01 62     # Get Chassis Status
            """
        #expect(md5.seal(message, session: 0x1122_3344, sequence: 5) == hex(packet))
        guard case .v15(let decoded) = try Datagram(decoding: hex(packet)) else {
            Issue.record("not a packet of v1.5")
            return
        }
        #expect(decoded.session == 0x1122_3344)
        #expect(decoded.sequence == 5)
        #expect(decoded.payload == message)
        #expect(md5.verify(decoded))
        let clear = try #require(MessageAuthentication(.password, password: password))
        let other = """
            06 00 FF 07
            04 05 00 00 00 44 33 22 11
            73 65 63 72 65 74 00 00 00 00 00 00 00 00 00 00  # "secret"
            07 20 00 E0 81 1C 01 62
            """
        #expect(clear.seal(message, session: 0x1122_3344, sequence: 5) == hex(other))
    }

    @Test("is challenged and activated as the standard says")
    func activation() throws {
        let console = Console()
        let question = hex(
            """
            06 00 FF 07
            00 00 00 00 00 00 00 00 00 18
            20 18 C8 81 04 39        # Get Session Challenge
            02                       # by MD5
            72 6F 6F 74 00 00 00 00 00 00 00 00 00 00 00 00  # "root"
            7C
            """
        )
        let answer = try #require(Console.answer(console.send(question)))
        #expect(answer.count == 14 + 28)
        #expect(Array(answer[..<14]) == hex("06 00 FF 07 00 00 00 00 00 00 00 00 00 1C"))
        #expect(Array(answer[14..<21]) == hex("81 1C 63 20 04 39 00"))
        let link = try #require(try console.challenge15().link)
        let activated = try #require(Console.answer(console.send(console.activation15(link))))
        guard case .v15(let packet) = try Datagram(decoding: activated) else {
            Issue.record("not a packet of v1.5")
            return
        }
        #expect(packet.sequence == Link15.firstOut, "the number that the console wanted")
        #expect(link.authentication.verify(packet))
        #expect(packet.payload[7] == 0x02, "MD5 for the rest of the session")
        #expect(packet.payload.littleEndian32(at: 12) != 0, "the number that the BMC wants")
    }

    @Test("answers log-ins that cannot be as the standard says")
    func refusals() throws {
        let console = Console()
        #expect(try console.challenge15(.init(user: "nobody")).completion == 0x81)
        #expect(try console.challenge15(.init(user: "")).completion == 0x82)
        #expect(try console.challenge15(.init(type: .none)).completion == 0xCC)
        #expect(try console.challenge15(.init(type: .md2)).completion == 0xCC)
        #expect(try console.outside(0x39, [0x02]).completion == 0xC7)
        #expect(try console.outside(0x3A, [UInt8](repeating: 2, count: 22)).completion == 0x85)
        #expect(try console.logIn15(.init(user: "guest", password: "guest", level: 0x03)).completion == 0x86)
        #expect(try console.logIn15(.init(level: 0x05)).completion == 0xCC)
        #expect(try console.logIn15(.init(level: 0x00)).completion == 0xCC)
        let link = try #require(try console.challenge15().link)
        let zero = try Console.answer15(
            try #require(Console.answer(console.send(console.activation15(link, firstOut: 0))))
        )
        #expect(zero.completion == 0x84)
        #expect(console.bmc.sessions.sessions.isEmpty)
    }

    @Test("says nothing to a wrong password", arguments: offered)
    func wrongPassword(type: AuthenticationType) throws {
        let console = Console()
        let link = try #require(try console.challenge15(.init(password: "wrong", type: type)).link)
        #expect(console.send(console.activation15(link)) == [.drop(.wrongIntegrityCode)])
        #expect(console.bmc.sessions.sessions.isEmpty)
        // Who knows it may still come.
        #expect(try console.logIn15(.init(type: type)).completion == 0)
    }

    @Test("is no way to a session that was never challenged, or was challenged for another")
    func strangers() throws {
        let console = Console()
        var link = try #require(try console.challenge15().link)
        let other = try #require(try console.challenge15(.init(user: "guest", password: "guest")).link)
        link.id = other.id
        #expect(console.send(console.activation15(link)) == [.drop(.wrongIntegrityCode)])
        link.id = 0x1234_5678
        #expect(console.send(console.activation15(link)) == [.drop(.unknownSession)])
        // The right password with another's challenge.
        var stolen = try #require(try console.challenge15().link)
        stolen.challenge = other.challenge
        let answer = try #require(Console.answer(console.send(console.activation15(stolen))))
        #expect(try Console.answer15(answer).completion == 0xCC)
        #expect(console.bmc.sessions.sessions.isEmpty)
    }

    @Test("answers a repeated activation again, until the session is used")
    func repetition() throws {
        let console = Console()
        let link = try #require(try console.challenge15().link)
        let activation = console.activation15(link)
        let first = try #require(Console.answer(console.send(activation)))
        let second = try #require(Console.answer(console.send(activation)))
        #expect(try Console.answer15(second) == Console.answer15(first))
        #expect(console.bmc.sessions.sessions.count == 1)
        var opened = link
        opened.next = try Console.answer15(first).data.littleEndian32(at: 5)
        #expect(try console.command15(&opened, 0x06, 0x01).completion == 0)
        #expect(Console.answer(console.send(activation)) == nil, "a replay")
    }

    @Test("drops replays, also from another address, and numbers far away")
    func replay() throws {
        let console = Console()
        var link = try #require(try console.logIn15().link)
        #expect(try console.command15(&link, 0x06, 0x3B, [0x04]).completion == 0)
        let packet = console.packet15(&link, 0x00, 0x02, [0x03])
        #expect(console.send(packet).contains { if case .perform = $0 { true } else { false } })
        console.client = Client(address: 0x0A00_0002, port: 5)
        #expect(console.send(packet) == [.drop(.outsideSequenceWindow)])
        link.next += 9
        #expect(console.send(console.packet15(&link, 0x06, 0x01)) == [.drop(.outsideSequenceWindow)])
        link.next -= 3
        #expect(try console.command15(&link, 0x06, 0x01).completion == 0, "within eight")
        link.next = 0
        #expect(console.send(console.packet15(&link, 0x06, 0x01)) == [.drop(.outsideSequenceWindow)])
    }

    @Test("drops every packet with one bit changed", arguments: offered)
    func tampering(type: AuthenticationType) throws {
        let console = Console()
        var link = try #require(try console.logIn15(.init(type: type)).link)
        let packet = console.packet15(&link, 0x06, 0x01)
        // The password itself does not protect the message: there a checksum notices one bit.
        for position in 4..<packet.count {
            for bit in 0..<8 {
                var changed = packet
                changed[position] ^= 1 << UInt8(bit)
                var bmc = console.bmc
                let actions = bmc.receive(
                    changed,
                    from: console.client,
                    at: console.now,
                    machine: MachineState(isPowered: true)
                )
                let isOtherNumber = type == .password && (5..<9).contains(position)
                if !isOtherNumber { #expect(Console.answer(actions) == nil, "byte \(position), bit \(bit)") }
            }
        }
    }

    @Test("lets nobody in between with packets of the other version")
    func mixed() throws {
        let console = try Console.loggedIn()
        var link = try #require(try console.logIn15().link)
        // Unprotected packets of v2.0 for the session of v1.5, and the other way round.
        let message = Request(function: 0x06, code: 0x01).encoded
        let plain = RMCPPlusPacket.encode(.message, message, session: link.id, sequence: link.next)
        #expect(console.send(plain) == [.drop(.wrongProtection)])
        let bare = V15Packet(
            type: .none,
            sequence: 9,
            session: console.link.managedID,
            code: [],
            payload: message
        )
        #expect(console.send(bare.encoded) == [.drop(.wrongProtection)])
        let signed = link.authentication.seal(message, session: console.link.managedID, sequence: 9)
        #expect(console.send(signed) == [.drop(.wrongProtection)])
        #expect(console.send(console.packet15(&link, 0x06, 0x01, bare: true)) == [.drop(.wrongProtection)])
        // A challenge of v1.5 is none of RAKP.
        let challenged = try #require(try console.challenge15().link)
        console.link.managedID = challenged.id
        #expect(try Console.payload(console.send(console.rakp1()))[1] == 0x02)
        #expect(try Console.payload(console.send(console.rakp3([])))[1] == 0x02)
        #expect(try console.command15(&link, 0x06, 0x01).completion == 0)
    }

    @Test("may leave out authentication where the channel's settings say so")
    func bare() throws {
        let console = Console()
        var link = try #require(try console.logIn15().link)
        #expect(try console.command15(&link, 0x06, 0x3B, [0x04]).completion == 0)
        // User-level authentication off: bits 3 of Set Channel Access, in the volatile settings.
        #expect(try console.command15(&link, 0x06, 0x40, [0x0E, 0x80 | 0x28 | 0x02, 0x00]).completion == 0)
        let capabilities = try console.outside(0x38, [0x0E, 0x04])
        #expect(capabilities.data[2] == 0x0C)
        let answer = try #require(
            Console.answer(console.send(console.packet15(&link, 0x00, 0x01, bare: true)))
        )
        #expect(answer[4] == 0x00, "answered as it was asked")
        #expect(try Console.answer15(answer).completion == 0)
        let control = console.packet15(&link, 0x00, 0x02, [0x00], bare: true)
        #expect(console.send(control) == [.drop(.wrongProtection)], "not a command of user level")
        #expect(try console.command15(&link, 0x06, 0x40, [0x0E, 0x80 | 0x30 | 0x02, 0x00]).completion == 0)
        let now = console.send(console.packet15(&link, 0x00, 0x04, [0x00], bare: true))
        #expect(try Console.answer15(try #require(Console.answer(now))).completion == 0)
    }

    @Test("is on or off by type and level")
    func enables() throws {
        let console = Console()
        let masks: [UInt8] = [0x14, 0x14, 0x04, 0x00, 0x00]
        console.bmc.sessions.authenticationTypes = try #require(AuthenticationTypes(masks: masks))
        #expect(AuthenticationTypes(masks: [0x15, 0, 0, 0, 0]) == nil, "«none»")
        #expect(AuthenticationTypes(masks: [0x16, 0, 0, 0, 0]) == nil, "MD2")
        #expect(try console.logIn15(.init(level: 0x04)).completion == 0x86)
        #expect(try console.logIn15(.init(level: 0x03)).completion == 0)
        #expect(try console.logIn15(.init(type: .password, level: 0x03)).completion == 0x86)
        #expect(try console.logIn15(.init(type: .password, level: 0x02)).completion == 0)
        #expect(try console.outside(0x38, [0x8E, 0x04]).data[1...3] == [0x80, 0x04, 0x02])
        #expect(try console.outside(0x38, [0x8E, 0x03]).data[1...3] == [0x84, 0x04, 0x03])
    }

    @Test("needs a password of sixteen bytes at most")
    func longPassword() throws {
        let accounts = [Account(name: "root", password: "12345678901234567")]
        let console = Console(accounts: accounts)
        #expect(try console.challenge15(.init(password: "")).completion == 0x81)
        #expect(try console.logIn(.init(password: "12345678901234567")) == 0)
    }

    @Test("keeps a bounded number of challenges, and the log-in of another address")
    func flood() throws {
        let console = Console()
        let link = try #require(try console.challenge15().link)
        let own = console.client
        for index in 0..<5000 {
            console.client = Client(address: 0x0A00_0001, port: UInt16(index))
            _ = try console.challenge15()
        }
        #expect(console.bmc.sessions.logins.count == SessionTable.Limits().logins)
        console.client = own
        let answer = try #require(Console.answer(console.send(console.activation15(link))))
        #expect(try Console.answer15(answer).completion == 0)
        console.now += SessionTable.Limits().login
        _ = console.bmc.advance(to: console.now)
        #expect(console.bmc.sessions.logins.isEmpty)
    }

    @Test("ends at the limit of sessions with a clear answer")
    func exhaustion() throws {
        var limits = SessionTable.Limits()
        limits.sessions = 2
        let console = Console(limits: limits)
        #expect(try console.logIn15().completion == 0)
        #expect(try console.logIn() == 0)
        #expect(try console.logIn15().completion == 0x81)
        #expect(try console.logIn() == SessionStatus.insufficientResources.rawValue)
    }
}
