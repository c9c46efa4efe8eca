import Testing

@testable import IPMI

@Suite("In a session")
struct SessionTests {
    @Test("a replayed packet is dropped, also from another address")
    func replay() throws {
        let console = try Console.loggedIn()
        let packet = try console.packet(0x00, 0x02, [0x03])
        guard case .perform(.control(.hardReset), let ticket) = console.send(packet).first else {
            Issue.record("nothing was asked of the machine")
            return
        }
        _ = console.bmc.complete(ticket, .success, at: console.now)
        #expect(console.send(packet) == [.drop(.outsideSequenceWindow)])
        console.client = Client(address: 0x0A00_0002, port: 5)
        #expect(console.send(packet) == [.drop(.outsideSequenceWindow)])
    }

    @Test("packets may come out of order, within the window")
    func window() throws {
        var window = SequenceWindow()
        let far: UInt32 = 5 + SequenceWindow.reach
        for (number, isWelcome) in [
            (1, true), (2, true), (5, true), (4, true), (3, true),
            (1, false), (2, false), (3, false), (4, false), (5, false), (0, false),
            (far + 1, false), (far, true), (far, false),
            (far - SequenceWindow.reach, false),
            (far - SequenceWindow.reach + 1, true), (far - SequenceWindow.reach + 1, false),
        ] as [(UInt32, Bool)] {
            let isAccepted = window.accept(number)
            #expect(isAccepted == isWelcome, "\(number)")
        }
    }

    @Test("a repeated request is answered again but not done again")
    func repetition() throws {
        let console = try Console.loggedIn()
        let actions = console.send(try console.packet(0x00, 0x02, [0x03]))
        guard case .perform(.control(.hardReset), let ticket) = actions.first else {
            Issue.record("nothing was asked of the machine")
            return
        }
        let number = console.link.requests
        for _ in 0..<3 {
            console.now += .seconds(1)
            #expect(
                console.send(try console.packet(0x00, 0x02, [0x03], number: number)) == [
                    .drop(.alreadyInProgress)
                ]
            )
        }
        let answer = try console.read(console.bmc.complete(ticket, .success, at: console.now))
        #expect(answer == .init(number: number, completion: 0, data: []))
        let again = console.send(try console.packet(0x00, 0x02, [0x03], number: number))
        #expect(try console.read(again) == answer)
        #expect(!again.contains { if case .perform = $0 { true } else { false } })
    }

    @Test("a repetition that overtakes the original has it done once")
    func overtaking() throws {
        let console = try Console.loggedIn()
        let original = try console.packet(0x00, 0x02, [0x03])
        let repetition = try console.packet(0x00, 0x02, [0x03], number: console.link.requests)
        #expect(console.send(repetition).count == 1)
        #expect(console.send(original) == [.drop(.alreadyInProgress)])
    }

    @Test("the same number means a new request once all numbers were used")
    func numbersComeRound() throws {
        let console = try Console.loggedIn()
        for _ in 0..<3 {
            var performed = 0
            for _ in 0..<64 {
                for case .perform(_, let ticket) in console.send(try console.packet(0x00, 0x02, [0x03])) {
                    performed += 1
                    _ = console.bmc.complete(ticket, .success, at: console.now)
                }
            }
            #expect(performed == 64)
        }
    }

    @Test("two sessions of one address and port do not disturb each other")
    func twoSessions() throws {
        let console = try Console.loggedIn()
        let first = console.link
        console.link = Console.Link(id: 0x0000_0001)
        #expect(
            try console.logIn(
                .init(user: "guest", password: "guest", suite: .sha256SignedEncrypted, role: 0x12)
            ) == 0
        )
        #expect(try console.command(0x00, 0x02, [0x00]).completion == 0xD4)
        console.link = first
        #expect(try console.command(0x00, 0x02, [0x00]).completion == 0x00)
    }

    @Test("an answer goes to where the session was heard from last")
    func movingClient() throws {
        let console = try Console.loggedIn()
        console.client = Client(address: 0x0A00_0009, port: 999)
        let actions = console.send(try console.packet(0x00, 0x01))
        guard case .send(_, let client) = actions.first else {
            Issue.record("no answer")
            return
        }
        #expect(client == console.client)
    }

    @Test("closing ends it")
    func close() throws {
        let console = try Console.loggedIn()
        var id: [UInt8] = []
        id.append(littleEndian: console.link.managedID)
        #expect(try console.command(0x06, 0x3C, [9, 9, 9, 9]).completion == 0x87)
        #expect(try console.command(0x06, 0x3C, [0, 0, 0, 0, 9]).completion == 0x88)
        #expect(try console.command(0x06, 0x3C, id).completion == 0)
        #expect(Console.drop(console.send(try console.packet(0x06, 0x01))) == .unknownSession)
    }

    @Test("others' sessions are closed by administrators only")
    func closeOthers() throws {
        let console = try Console.loggedIn()
        let first = console.link
        #expect(try console.logIn(.init(user: "guest", password: "guest", role: 0x12)) == 0)
        var id: [UInt8] = []
        id.append(littleEndian: first.managedID)
        #expect(try console.command(0x06, 0x3C, id).completion == 0xD4)
        id = []
        id.append(littleEndian: console.link.managedID)
        console.link = first
        #expect(try console.command(0x06, 0x3C, id).completion == 0)
    }

    @Test("its info says who it is")
    func info() throws {
        let console = try Console.loggedIn()
        let answer = try console.command(0x06, 0x3D, [0x00])
        #expect(
            answer.data
                == hex(
                    """
                    01 20 01           # handle 1; 32 possible, 1 active
                    02 04 11           # user 2, administrator, RMCP+ on channel 1
                    7F 00 00 01        # 127.0.0.1
                    00 00 00 00 00 00
                    40 9C              # port 40000
                    """
                )
        )
        #expect(try console.command(0x06, 0x3D, [0x02]).data == [0x00, 0x20, 0x01])
        #expect(try console.command(0x06, 0x3D, [0xFE, 0x01]).data == answer.data)
        #expect(try console.command(0x06, 0x3D, [0xFF]).completion == 0xC7)
    }

    @Test("unsigned and unencrypted packets are dropped")
    func unprotected() throws {
        let console = try Console.loggedIn()
        let message = Request(function: 0x00, code: 0x02, data: [0x00]).encoded
        let bare = RMCPPlusPacket.encode(.message, message, session: console.link.managedID, sequence: 3)
        #expect(console.send(bare) == [.drop(.wrongProtection)])
    }

    @Test("a wrong checksum inside is dropped")
    func wrongChecksum() throws {
        let console = try Console.loggedIn()
        for position in 0..<7 {
            var message = Request(function: 0x00, code: 0x01).encoded
            message[position] ^= 0x10
            #expect(console.send(try console.packet(message)) == [.drop(.wrongChecksum)])
        }
    }

    @Test("answers to the same question look different each time")
    func vectors() throws {
        let console = try Console.loggedIn()
        var vectors: Set<[UInt8]> = []
        for _ in 0..<100 {
            let answer = try #require(Console.answer(console.send(try console.packet(0x00, 0x01))))
            vectors.insert(Array(answer[16..<32]))
        }
        #expect(vectors.count == 100)
    }

    @Test("a slow machine delays nobody but who asked it")
    func slowMachine() throws {
        let console = try Console.loggedIn()
        let number = console.link.requests + 1
        let actions = console.send(try console.packet(0x00, 0x02, [0x03]))
        #expect(Console.answer(actions) == nil)
        #expect(try console.command(0x00, 0x01).completion == 0)
        #expect(try console.command(0x00, 0x02, [0x02]).completion == 0xC0, "busy")
        console.now += BMC.patience
        #expect(console.bmc.nextDeadline ?? .zero <= console.now)
        let late = try console.read(console.bmc.advance(to: console.now))
        #expect(late == .init(number: number, completion: 0xC3, data: []))
        // It is still at it, then done; nobody hears of that twice.
        #expect(try console.command(0x00, 0x02, [0x02]).completion == 0xC0)
        guard case .perform(_, let ticket) = actions.first else {
            Issue.record("nothing was asked of the machine")
            return
        }
        #expect(console.bmc.complete(ticket, .success, at: console.now) == [])
        #expect(try console.command(0x00, 0x02, [0x02]).completion == 0x00)
    }
}
