import Testing

@testable import IPMI

/// What emulated BMCs that people use were seen to get wrong.
@Suite("What other BMCs get wrong, this one does not:")
struct OtherBMCsTests {
    private static func performs(_ actions: [Action]) -> Bool {
        actions.contains { if case .perform = $0 { true } else { false } }
    }

    private static func answers(_ actions: [Action]) -> [[UInt8]] {
        actions.compactMap { if case .send(let bytes, _) = $0 { bytes } else { nil } }
    }

    // MARK: Before log-in

    /// Everything that may be sent without a session, whole.
    private static func unsigned(_ console: Console) -> [[UInt8]] {
        var packets = [
            PresencePing(tag: 7).encoded, console.openSession(), console.rakp1(),
            console.rakp3([UInt8](repeating: 0, count: 20)),
        ]
        for command in Command.all {
            for data: [UInt8] in [
                [], [0x8E, 0x04], [0x0E, 0x00, 0x80], [UInt8](repeating: 0xFF, count: 32),
            ] {
                let request = Request(function: command.code.function, code: command.code.number, data: data)
                packets.append(V15Packet(payload: request.encoded).encoded)
                packets.append(RMCPPlusPacket.encode(.message, request.encoded))
            }
        }
        return packets
    }

    @Test("no part of a packet, of whatever length, ends it or makes it say ten times as much")
    func truncated() throws {
        let console = try Console.loggedIn()
        let sealed = try console.packet(0x00, 0x02, [0x00])
        console.link.sequence -= 1
        for whole in Self.unsigned(console) + [sealed] {
            for length in 0..<whole.count {
                let actions = console.send(Array(whole.prefix(length)))
                let answers = Self.answers(actions)
                #expect(answers.count <= 1)
                #expect(answers.reduce(0) { $0 + $1.count } <= 10 * length)
                #expect(!Self.performs(actions))
            }
        }
        #expect(try console.command(0x00, 0x01).completion == 0, "it still answers")
    }

    @Test("no question that anybody may ask is answered by more than ten times its length")
    func amplification() throws {
        let console = Console(suites: CipherSuite.allCases)
        let opened = try Console.payload(console.send(console.openSession()))
        console.link.managedID = Console.managedID(opened)
        for packet in Self.unsigned(console) {
            let answers = Self.answers(console.send(packet))
            #expect(answers.count <= 1)
            #expect(answers.reduce(0) { $0 + $1.count } <= 10 * packet.count)
        }
    }

    @Test("22 random bytes do nothing", arguments: UInt64(0)..<4)
    func noise(seed: UInt64) throws {
        let console = try Console.loggedIn()
        var random = Seeded(seed)
        for _ in 0..<2000 {
            var bytes = (0..<22).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            bytes.replaceSubrange(
                ..<5,
                with: [6, 0, 0xFF, 7, [0, 2, 4, 6].randomElement(using: &random) ?? 0]
            )
            #expect(!Self.performs(console.send(bytes)))
        }
        #expect(try console.command(0x00, 0x01).completion == 0, "it still answers")
    }

    @Test("nobody gets in without a password, whatever algorithms he asks for")
    func cipherSuiteZero() throws {
        for suites in [CipherSuite.standard, CipherSuite.allCases] {
            for authentication in 0..<UInt8(8) {
                for integrity in 0..<UInt8(6) {
                    for confidentiality in 0..<UInt8(5) {
                        let console = Console(suites: suites)
                        let request = console.openSession(authentication, integrity, confidentiality)
                        let opened = try Console.payload(console.send(request))
                        let isThere = suites.contains {
                            $0.authentication.rawValue == authentication
                                && $0.integrity.rawValue == integrity
                                && $0.confidentiality.rawValue == confidentiality
                        }
                        #expect((opened[1] == 0) == isThere)
                        guard isThere else { continue }
                        console.link.managedID = Console.managedID(opened)
                        _ = console.send(console.rakp1())
                        for proof: [UInt8] in [[], [0], [UInt8](repeating: 0, count: 20)] {
                            let end = try Console.payload(console.send(console.rakp3(proof)))
                            #expect(end[1] != 0)
                        }
                        #expect(console.bmc.sessions.sessions.isEmpty)
                    }
                }
            }
        }
    }

    @Test("whoever is not known is told so at once")
    func unknownUser() throws {
        let console = Console()
        #expect(try console.logIn(.init(user: "nobody")) == 0x0D, "unauthorized name")
        #expect(try console.logIn(.init(user: "")) == 0x0D)
        #expect(try console.logIn(.init(password: "guess")) == 0x0F, "invalid integrity check value")
    }

    @Test("a user gets no level above his own, and switches nothing off")
    func userLevel() throws {
        let console = Console()
        for role: UInt8 in [0x03, 0x04, 0x13, 0x14] {
            #expect(try console.logIn(.init(user: "guest", password: "guest", role: role)) == 0x0A)
        }
        #expect(try console.logIn(.init(user: "guest", password: "guest", role: 0x12)) == 0)
        #expect(try console.raise(to: .operator).completion == 0x81)
        #expect(try console.raise(to: .administrator).completion == 0x81)
        for control in UInt8(0)...5 {
            let actions = console.send(try console.packet(0x00, 0x02, [control]))
            #expect(!Self.performs(actions))
            #expect(try console.read(actions).completion == 0xD4)
        }
    }

    @Test("sessions that are closed are gone, and those that are left end by themselves")
    func freed() throws {
        let console = Console()
        for round in 0..<500 {
            #expect(try console.logIn() == 0)
            if round.isMultiple(of: 2) {
                var id: [UInt8] = []
                id.append(littleEndian: console.link.managedID)
                #expect(try console.command(0x06, 0x3C, id).completion == 0)
            } else {
                console.now += .seconds(61)
                _ = console.bmc.advance(to: console.now)
            }
            #expect(console.bmc.sessions.sessions.isEmpty)
            #expect(console.bmc.sessions.logins.isEmpty)
        }
        #expect(console.bmc.nextDeadline == nil, "nothing is left to wake up for")
    }

    // MARK: In a session

    /// Data that most commands do not expect, of each length up to 20 and of a longer one.
    private static let malformed: [[UInt8]] = (Array(0...20) + [32]).flatMap { length in
        [0x55, 0xFF].map { [UInt8](repeating: $0, count: length) }
    }

    @Test(
        "a command of any length gets an answer of its own, and nothing that lay in memory",
        arguments: Command.all
    )
    func malformed(command: Command) throws {
        let (function, number) = command.code
        for data in Self.malformed {
            // The same question to two BMCs that have seen different things before.
            let answers = try [UInt64(1), 2].map { seed in
                let console = try Console.loggedIn(seed: seed)
                if seed == 2 { _ = try console.command(0x00, 0x04, [0x77]) }
                let actions = console.send(try console.packet(function, number, data))
                let isControl = command == .chassis(.control)
                if isControl, Self.performs(actions) { #expect(data.count == 1 && data[0] <= 5) }
                guard !Self.performs(actions) else { return [UInt8]() }
                #expect(Self.answers(actions).count == 1, "\(command.name) \(data)")
                let answer = try console.read(actions)
                if answer.completion != 0 { #expect(answer.data.isEmpty, "\(command.name) \(data)") }
                #expect(answer.data.count <= 300)
                // What tells of the session or of the machine differs by right.
                return [answer.completion, UInt8(clamping: answer.data.count)]
            }
            #expect(answers[0] == answers[1], "\(command.name) \(data)")
        }
    }

    @Test("there are more of those than have ended another BMC")
    func malformedCount() { #expect(Command.all.count * Self.malformed.count > 379 * 3) }

    @Test("a boot device is set, or its setting fails", arguments: UInt8(0)..<16)
    func bootDevice(device: UInt8) throws {
        for first: UInt8 in [0x80, 0xA0, 0xC0, 0xE0] {
            let console = try Console.loggedIn()
            let wish = [first, device << 2, 0, 0, 0]
            let actions = console.send(try console.packet(0x00, 0x08, [0x05] + wish))
            guard case .perform(_, let ticket)? = actions.first(where: { Self.performs([$0]) }) else {
                #expect(try console.read(actions).completion == 0xCC, "neither asked for nor promised")
                continue
            }
            #expect(Self.answers(actions).isEmpty, "nothing is promised before it is done")
            let done = console.bmc.complete(ticket, .success, at: console.now)
            #expect(try console.read(done).completion == 0)
            let read = try console.command(0x00, 0x09, [0x05, 0, 0])
            #expect(Array(read.data[2...]) == wish, "what is read is what was set")
        }
    }

    @Test("a boot device that the machine refused is neither promised nor read back")
    func refusedBootDevice() throws {
        let console = try Console.loggedIn()
        for device: UInt8 in [1, 2, 5, 6] {
            let actions = console.send(try console.packet(0x00, 0x08, [0x05, 0x80, device << 2, 0, 0, 0]))
            for case .perform(_, let ticket) in actions {
                let refused = console.bmc.complete(ticket, .unspecified, at: console.now)
                #expect(try console.read(refused).completion == 0xFF)
            }
            #expect(try console.command(0x00, 0x09, [0x05, 0, 0]).data.dropFirst(2).first == 0)
            #expect(console.bmc.boots(.chassisControl, at: console.now) == nil)
        }
    }

    @Test("what is read of power is what the machine is, at every moment")
    func staleness() throws {
        let console = try Console.loggedIn()
        for isPowered in [true, false, false, true] {
            console.isPowered = isPowered
            #expect(try console.command(0x00, 0x01).data[0] & 1 == (isPowered ? 1 : 0))
        }
        let actions = console.send(try console.packet(0x00, 0x02, [0x00]))
        #expect(try console.command(0x00, 0x01).data[0] & 1 == 1, "it is still on")
        for case .perform(_, let ticket) in actions {
            let failed = console.bmc.complete(ticket, .unspecified, at: console.now)
            #expect(try console.read(failed).completion == 0xFF)
        }
        #expect(try console.command(0x00, 0x01).data[0] & 1 == 1)
    }

    @Test("a packet that was heard before is not obeyed, whoever sends it, however often")
    func replay() throws {
        let console = try Console.loggedIn()
        let packet = try console.packet(0x00, 0x02, [0x03])
        for case .perform(_, let ticket) in console.send(packet) {
            _ = console.bmc.complete(ticket, .success, at: console.now)
        }
        for port in UInt16(1)...100 {
            console.now += .milliseconds(700)
            console.client.port = port
            let actions = console.send(packet)
            #expect(!Self.performs(actions))
            #expect(Self.answers(actions).isEmpty)
        }
    }
}
