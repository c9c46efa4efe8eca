import Testing

@testable import IPMI

@Suite("Logging in")
struct LogInTests {
    @Test("works with every suite that is switched on", arguments: CipherSuite.allCases)
    func suites(suite: CipherSuite) throws {
        let console = Console(suites: [suite])
        #expect(try console.logIn(.init(suite: suite)) == 0)
        #expect(try console.raise().completion == 0)
        #expect(try console.command(0x00, 0x01).completion == 0)
    }

    @Test(
        "with other algorithms ends at the first that is not there",
        arguments: [
            (0x00, 0x00, 0x00, SessionStatus.invalidAuthenticationAlgorithm),  // Suite 0.
            (0x02, 0x02, 0x01, .invalidAuthenticationAlgorithm),  // Suite 8, MD5.
            (0x01, 0x00, 0x00, .invalidIntegrityAlgorithm),  // Suite 1.
            (0x01, 0x02, 0x01, .invalidIntegrityAlgorithm),
            (0x01, 0x01, 0x00, .invalidConfidentialityAlgorithm),  // Suite 2.
            (0x01, 0x01, 0x02, .invalidConfidentialityAlgorithm),  // Suite 4, xRC4.
            (0x01, 0x04, 0x01, .noCipherSuiteMatch), (0x03, 0x01, 0x01, .noCipherSuiteMatch),
        ] as [(UInt8, UInt8, UInt8, SessionStatus)]
    )
    func refusedAlgorithms(_ wish: (UInt8, UInt8, UInt8, SessionStatus)) throws {
        let console = Console()
        let answer = try Console.payload(console.send(console.openSession(wish.0, wish.1, wish.2)))
        #expect(answer[1] == wish.3.rawValue)
        #expect(answer.count == 8)
    }

    @Test("leaves the choice of the algorithms to the BMC when the console wants that")
    func wildcards() throws {
        let console = Console()
        var request = console.openSession(0, 0, 0)
        for block in 0..<3 { request[16 + 8 + 8 * block + 3] = 0 }
        let answer = try Console.payload(console.send(request))
        #expect(answer[1] == 0)
        #expect([answer[16], answer[24], answer[32]] == [0x03, 0x04, 0x01], "suite 17")
    }

    @Test(
        "is refused for",
        arguments: [
            ("nobody's name", Console.LogIn(user: "nobody"), SessionStatus.unauthorizedName),
            ("no name", .init(user: ""), .unauthorizedName),
            ("another case", .init(user: "Root"), .unauthorizedName),
            ("a longer name", .init(user: "rootrootrootrootr"), .invalidNameLength),
            ("a wrong password", .init(password: "wrong"), .invalidIntegrityCheckValue),
            ("no password", .init(password: ""), .invalidIntegrityCheckValue),
            ("level 0", .init(role: 0x10), .invalidRole), ("level 5", .init(role: 0x15), .invalidRole),
            ("level 15", .init(role: 0x1F), .invalidRole), ("reserved bits", .init(role: 0x34), .invalidRole),
            ("more than was asked for at first", .init(maximum: 0x03), .unauthorizedRole),
            ("an unknown maximum", .init(maximum: 0x07), .invalidRole),
            ("a level above the user's", .init(user: "guest", password: "guest"), .unauthorizedRole),
            (
                "a level above the user's, by name and level",
                .init(user: "guest", password: "guest", role: 0x04), .unauthorizedRole
            ),
        ] as [(String, Console.LogIn, SessionStatus)]
    )
    func refusals(_ refusal: (String, Console.LogIn, SessionStatus)) throws {
        let console = Console()
        #expect(try console.logIn(refusal.1) == refusal.2.rawValue)
        #expect(try console.logIn() == 0, "others are not disturbed")
    }

    @Test("by name and level finds the account with that level")
    func byNameAndLevel() throws {
        let accounts = [
            Account(name: "twin", password: "one", limit: .user),
            Account(name: "twin", password: "two", limit: .administrator),
        ]
        let console = Console(accounts: accounts)
        #expect(try console.logIn(.init(user: "twin", password: "two", role: 0x04)) == 0)
        #expect(try console.logIn(.init(user: "twin", password: "one", role: 0x02)) == 0)
        #expect(try console.logIn(.init(user: "twin", password: "one", role: 0x12)) == 0, "the first by name")
        #expect(try console.logIn(.init(user: "twin", password: "two", role: 0x12)) == 0x0F)
    }

    @Test("starts as a user and rises up to the limit, no further")
    func privileges() throws {
        let console = Console()
        #expect(try console.logIn(.init(user: "op", password: "op", role: 0x13)) == 0)
        #expect(try console.command(0x06, 0x3B, [0x00]).data == [0x02])
        #expect(try console.command(0x00, 0x02, [0x03]).completion == 0xD4)
        #expect(try console.raise(to: .operator).data == [0x03])
        #expect(try console.command(0x00, 0x02, [0x03]).completion == 0x00)
        #expect(try console.raise(to: .administrator).completion == 0x81)
        #expect(try console.command(0x06, 0x3B, [0x05]).completion == 0x81)
        #expect(try console.command(0x06, 0x3B, [0x01]).completion == 0xCC)
        #expect(try console.command(0x06, 0x3B, [0x00]).data == [0x03])
    }

    @Test("stays at the role that was asked for")
    func role() throws {
        let console = Console()
        #expect(try console.logIn(.init(role: 0x12)) == 0)
        #expect(try console.raise(to: .administrator).completion == 0x81)
    }

    @Test("step by step answers each repetition as it did the first time")
    func repetitions() throws {
        let console = Console()
        let first = console.send(console.openSession())
        #expect(console.send(console.openSession()) == first)
        console.link.managedID = try Console.managedID(Console.payload(first))
        let second = console.send(console.rakp1())
        #expect(console.send(console.rakp1()) == second)
        let exchange = console.exchange(.init(), try Console.payload(second))
        let third = console.send(console.rakp3(exchange.consoleProof))
        #expect(try Console.payload(third)[1] == 0)
        // One log-in, which is reported once.
        #expect(Console.answer(console.send(console.rakp3(exchange.consoleProof))) == Console.answer(third))
    }

    @Test("does not survive a wrong proof or the console's own doubt", arguments: [0x00, 0x0F] as [UInt8])
    func wrongProof(status: UInt8) throws {
        let console = Console()
        let opened = try Console.payload(console.send(console.openSession()))
        console.link.managedID = Console.managedID(opened)
        let exchange = console.exchange(.init(), try Console.payload(console.send(console.rakp1())))
        let wrong = console.send(
            console.rakp3(
                status == 0 ? exchange.finalProof(exchange.sessionIntegrityKey) : [],
                status: status
            )
        )
        if status == 0 {
            #expect(try Console.payload(wrong)[1] == 0x0F)
        } else {
            #expect(Console.answer(wrong) == nil)
        }
        let late = try Console.payload(console.send(console.rakp3(exchange.consoleProof)))
        #expect(late[1] == SessionStatus.invalidSessionID.rawValue)
    }

    @Test("under a session ID that nobody gave out is refused")
    func unknownSession() throws {
        let console = Console()
        console.link.managedID = 0x1234_5678
        #expect(try Console.payload(console.send(console.rakp1()))[1] == 0x02)
        #expect(try Console.payload(console.send(console.rakp3([])))[1] == 0x02)
    }

    @Test("works while somebody floods the BMC with log-ins that never end")
    func flood() throws {
        let console = Console()
        let opened = try Console.payload(console.send(console.openSession()))
        console.link.managedID = Console.managedID(opened)
        var flooder = Client(address: 0x0A00_0001, port: 1)
        for index in 0..<5000 {
            flooder.port = UInt16(index)
            _ = console.bmc.receive(
                console.openSession(),
                from: flooder,
                at: console.now,
                machine: MachineState(isPowered: true)
            )
        }
        // A log-in that had begun goes on, a new one works too.
        #expect(try Console.payload(console.send(console.rakp1()))[1] == 0)
        #expect(try console.logIn() == 0)
        #expect(try console.command(0x00, 0x01).completion == 0)
        console.now += .seconds(6)
        _ = console.bmc.advance(to: console.now)
        #expect(console.bmc.nextDeadline == console.now + .seconds(54), "nothing is left of the flood")
    }

    @Test("keeps a bounded number of log-ins that never end")
    func floodIsBounded() throws {
        let console = Console()
        let limits = SessionTable.Limits()
        var table = SessionTable(
            accounts: Console.accounts,
            guid: Console.guid,
            suites: CipherSuite.standard,
            limits: limits
        )
        var random = Seeded(7)
        let request = console.openSession()[16...]
        for index in 0..<1000 {
            let client = Client(address: UInt32(index), port: 1)
            #expect(table.open(request, from: client, at: .zero, using: &random)?.refusal == nil)
        }
        #expect(table.logins.count == limits.logins)
        table.expire(at: limits.login)
        #expect(table.logins.isEmpty)
    }

    @Test("ends at the limit of sessions with a clear answer, and works again when one is closed")
    func exhaustion() throws {
        var limits = SessionTable.Limits()
        limits.sessions = 2
        let console = Console(limits: limits)
        #expect(try console.logIn() == 0)
        let first = console.link
        #expect(try console.logIn() == 0)
        #expect(try console.logIn() == SessionStatus.insufficientResources.rawValue)
        console.link = first
        var id: [UInt8] = []
        id.append(littleEndian: first.managedID)
        #expect(try console.command(0x06, 0x3C, id).completion == 0)
        #expect(try console.logIn() == 0)
    }

    @Test("must be done again after a minute of silence")
    func idle() throws {
        let console = try Console.loggedIn()
        console.now += .seconds(59)
        #expect(try console.command(0x06, 0x01).completion == 0)
        console.now += .seconds(61)
        #expect(Console.drop(console.send(try console.packet(0x06, 0x01))) == .unknownSession)
        #expect(console.bmc.nextDeadline == nil)
    }
}
