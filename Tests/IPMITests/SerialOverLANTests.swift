import Testing

@testable import IPMI

@Suite("Serial over LAN")
struct SerialOverLANTests {
    @Test("activates as IPMI 2.0 §24.1 has it")
    func activation() throws {
        let console = try Console.loggedIn()
        let answer = try console.command(0x06, 0x48, [0x01, 0x01, 0xC0, 0, 0, 0])
        #expect(answer.completion == 0)
        let expected = hex(
            """
            00 00 00 00  # no test mode
            FF 00 FF 00  # payloads of at most 255 bytes, either way
            6F 02 FF FF  # port 623, no VLAN of its own
            """
        )
        #expect(answer.data == expected)
        #expect(try console.command(0x06, 0x4A, [0x01]).data == [4, 0x01, 0x00], "instance 1 of 4")
        let info = try console.command(0x06, 0x4B, [0x01, 0x01]).data
        #expect(info.count == 12)
        #expect(info[..<4].reversed().reduce(0) { $0 << 8 | UInt32($1) } == console.link.managedID)
    }

    @Test("sends characters, and takes the acknowledgement of IPMI 2.0 §15.9")
    func characters() throws {
        let console = try Console.loggedIn()
        try console.activate()
        #expect(console.shows(Array("login: ".utf8)).isEmpty, "more may come")
        let deadline = try #require(console.bmc.nextDeadline)
        #expect(deadline == console.now + .milliseconds(20))
        console.now = deadline
        let sent = try console.solPackets(console.bmc.advance(to: console.now))
        let expected = hex(
            """
            01  # packet 1
            00  # acknowledges nothing
            00
            00  # nothing lost, nothing ended
            6C 6F 67 69 6E 3A 20
            """
        )
        #expect(sent.map(\.encoded) == [expected])
        let acknowledgement = try SOLPacket(decoding: hex("00 01 07 00"))
        #expect(console.send(try console.sol(acknowledgement)) == [])
        #expect(console.bmc.consoleDeadline == nil, "all is said")
    }

    @Test("types, once for each packet however often it comes")
    func typing() throws {
        let console = try Console.loggedIn()
        try console.activate()
        let packet = try SOLPacket(decoding: hex("01 00 00 00 72 6F 6F 74 0D"))
        for round in 0..<3 {
            let actions = console.send(try console.sol(packet))
            #expect(Console.typed(actions) == (round == 0 ? Array("root\r".utf8) : []))
            let answer = hex("00 01 05 00  # packet 1, five characters")
            #expect(try console.solPackets(actions).map(\.encoded) == [answer])
        }
        var longer = packet
        longer.characters += Array("ls\r".utf8)
        #expect(
            Console.typed(console.send(try console.sol(longer))) == Array("ls\r".utf8),
            "only what is new"
        )
    }

    @Test("sends a break where the console asks for one")
    func lineBreak() throws {
        let console = try Console.loggedIn()
        try console.activate()
        let packet = try SOLPacket(decoding: hex("01 00 00 10  # generate break"))
        #expect(console.send(try console.sol(packet)).contains(.sendBreak))
        #expect(
            !console.send(try console.sol(packet)).contains(.sendBreak),
            "a repetition is no second break"
        )
        console.isPowered = false
        let next = try SOLPacket(decoding: hex("02 00 00 10"))
        #expect(!console.send(try console.sol(next)).contains(.sendBreak), "nobody there")
    }

    @Test("tells that nobody takes the characters while the machine is off")
    func machineOff() throws {
        let console = try Console.loggedIn()
        try console.activate()
        console.isPowered = false
        let packet = SOLPacket(sequence: 1, characters: [0x0D])
        let refused = console.send(try console.sol(packet))
        let answer = hex("00 01 00 60  # not acknowledged, character transfer unavailable")
        #expect(try console.solPackets(refused).map(\.encoded) == [answer])
        #expect(Console.typed(refused).isEmpty)
        console.isPowered = true
        #expect(Console.typed(console.send(try console.sol(packet))) == [0x0D], "the repetition is taken")
    }

    @Test("sends what the console could not take again, under a new number")
    func partialAcknowledgement() throws {
        let console = try Console.loggedIn()
        try console.activate()
        _ = console.shows(Array("abcdef".utf8))
        console.now += .milliseconds(20)
        _ = console.bmc.advance(to: console.now)
        let partial = SOLPacket(acknowledged: 1, accepted: 2)
        #expect(try console.solPackets(console.send(console.sol(partial))).isEmpty, "it is given a moment")
        console.now += .milliseconds(250)
        let rest = try console.solPackets(console.bmc.advance(to: console.now))
        #expect(rest == [SOLPacket(sequence: 2, characters: Array("cdef".utf8))])
    }

    @Test("repeats what is not acknowledged, then gives it up and says so")
    func givingUp() throws {
        let console = try Console.loggedIn()
        try console.activate()
        #expect(try console.command(0x0C, 0x21, [0x01, 0x04, 0x02, 0x0A]).completion == 0)
        _ = console.shows(Array("lost".utf8))
        var packets: [SOLPacket] = []
        for _ in 0..<5 {
            guard let deadline = console.bmc.consoleDeadline else { break }
            console.now = deadline
            packets += try console.solPackets(console.bmc.advance(to: console.now))
        }
        #expect(packets.count == 3, "once, and two retries")
        #expect(Set(packets) == [SOLPacket(sequence: 1, characters: Array("lost".utf8))])
        _ = console.shows(Array("next".utf8))
        console.now += .milliseconds(20)
        let next = try console.solPackets(console.bmc.advance(to: console.now))
        #expect(next == [SOLPacket(sequence: 2, flags: .overrun, characters: Array("next".utf8))])
    }

    @Test("waits while the console takes nothing, and throws away what it does not want")
    func flowControl() throws {
        let console = try Console.loggedIn()
        try console.activate()
        _ = console.send(try console.sol(SOLPacket(flags: .pause)))
        _ = console.shows([0x61])
        console.now += .seconds(1)
        #expect(console.bmc.consoleDeadline == nil)
        #expect(try console.solPackets(console.send(console.sol(SOLPacket()))).map(\.characters) == [[0x61]])
        _ = console.send(try console.sol(SOLPacket(acknowledged: 1, accepted: 1, flags: .pause)))
        _ = console.shows([0x62])
        console.now += .seconds(1)
        #expect(console.bmc.advance(to: console.now).isEmpty)
        #expect(console.send(try console.sol(SOLPacket(flags: .flushOutbound))).isEmpty)
        _ = console.shows([0x63])
        console.now += .seconds(1)
        #expect(try console.solPackets(console.bmc.advance(to: console.now)).map(\.characters) == [[0x63]])
    }

    @Test("keeps no more for a slow console than it must, and lets no other wait")
    func slowConsole() throws {
        let console = try Console.loggedIn()
        try console.activate()
        try console.another(40001) { (other) throws in
            #expect(try other.activate(2) == 0)
            var heard = 0
            for _ in 0..<1000 {
                var packets = try other.solPackets(other.shows([UInt8](repeating: 0x2E, count: 1000)))
                while let packet = packets.popLast() {
                    heard += packet.characters.count
                    let answer = SOLPacket(
                        acknowledged: packet.sequence,
                        accepted: UInt8(packet.characters.count)
                    )
                    packets += try other.solPackets(other.send(other.sol(answer)))
                }
            }
            #expect(heard > 999_000, "\(heard)")
            let kept = try #require(other.bmc.payloads.instances[1])
            #expect(kept.keptCharacters <= SOLInstance.bound)
        }
    }

    @Test("has four consoles at once, each of which may type")
    func severalConsoles() throws {
        let console = try Console.loggedIn()
        #expect(try console.activate(1) == 0)
        #expect(try console.activate(2) == 0x82, "one for each session")
        #expect(try console.activate(5) == 0xCC, "four in all")
        try console.another(40001) { (other) throws in
            #expect(try other.activate(1) == 0x80, "already active")
            #expect(try other.activate(2) == 0)
            #expect(try other.command(0x06, 0x4A, [0x01]).data == [4, 0x03, 0x00])
            #expect(
                Console.typed(other.send(try other.sol(SOLPacket(sequence: 1, characters: [65])))) == [65]
            )
            #expect(Set(other.bmc.consoleWatchers.map(\.instance)) == [1, 2])
        }
    }

    @Test("ends for a console when somebody else says so, which it is told")
    func deactivation() throws {
        let console = try Console.loggedIn()
        try console.activate()
        try console.another(40001) { (other) throws in
            let actions = other.send(try other.packet(0x06, 0x49, [0x01, 0x01, 0, 0, 0, 0]))
            #expect(try other.read(actions).completion == 0)
            let farewell = try #require(
                actions.compactMap { action -> [UInt8]? in
                    if case .send(let bytes, console.client) = action { bytes } else { nil }
                }
                .first
            )
            #expect(try console.solPacket(farewell)?.encoded == hex("00 00 00 10  # deactivated"))
            #expect(try other.command(0x06, 0x49, [0x01, 0x01, 0, 0, 0, 0]).completion == 0x80)
        }
        #expect(console.bmc.consoleWatchers.isEmpty)
        let late = console.send(try console.sol(SOLPacket(sequence: 1, characters: [65])))
        #expect(late == [.drop(.notForUs)])
    }

    @Test("ends with its session, closed or not heard from", arguments: [true, false])
    func endOfSession(isClosed: Bool) throws {
        let console = try Console.loggedIn()
        try console.activate()
        #expect(console.bmc.consoleWatchers.count == 1)
        if isClosed {
            var id: [UInt8] = []
            id.append(littleEndian: console.link.managedID)
            _ = try console.command(0x06, 0x3C, id)
        } else {
            console.now += .seconds(61)
            _ = console.bmc.advance(to: console.now)
        }
        #expect(console.bmc.consoleWatchers.isEmpty)
        #expect(console.shows([65]).isEmpty)
        try console.another(40001) { (other) throws in #expect(try other.activate() == 0, "free again") }
    }

    @Test("is refused where it may not be", arguments: [0x00, 0x40] as [UInt8])
    func unencrypted(flags: UInt8) throws {
        let console = try Console.loggedIn()
        #expect(try console.activate(1, flags: flags) == 0x84)
        #expect(try console.command(0x0C, 0x21, [0x01, 0x02, 0x03]).completion == 0)
        #expect(try console.activate(1, flags: flags) == 0)
        let packet = SOLPacket(sequence: 1, characters: [65])
        #expect(console.send(try console.sol(packet)) == [.drop(.wrongProtection)])
        #expect(Console.typed(console.send(try console.sol(packet, encrypting: false))) == [65])
        #expect(try console.command(0x06, 0x55, [0x01, 0x01, 0x01]).completion == 0, "resumed")
        let next = SOLPacket(sequence: 2, characters: [66])
        #expect(console.send(try console.sol(next, encrypting: false)) == [.drop(.wrongProtection)])
        #expect(Console.typed(console.send(try console.sol(next))) == [66])
    }

    @Test("is for those alone who may use it")
    func access() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x06, 0x4D, [0x01, 0x02]).data == [0x02, 0, 0, 0])
        #expect(try console.command(0x06, 0x4C, [0x01, 0x42, 0x02, 0, 0, 0]).completion == 0)
        #expect(try console.command(0x06, 0x4D, [0x01, 0x02]).data == [0x00, 0, 0, 0])
        #expect(try console.activate() == 0xD4)
        #expect(try console.command(0x06, 0x4C, [0x01, 0x02, 0x02, 0, 0, 0]).completion == 0)
        #expect(try console.command(0x0C, 0x21, [0x01, 0x01, 0x00]).completion == 0)
        #expect(try console.activate() == 0x81, "switched off")
        #expect(try console.command(0x0C, 0x21, [0x01, 0x01, 0x01]).completion == 0)
        try console.raise(to: .user)
        #expect(try console.activate() == 0xD4)
    }

    @Test("has the settings of IPMI 2.0 §26.3")
    func settings() throws {
        let console = try Console.loggedIn()
        func get(_ parameter: UInt8) throws -> [UInt8] {
            try console.command(0x0C, 0x22, [0x01, parameter, 0, 0]).data
        }
        let expected: [UInt8: [UInt8]] = [
            0: [0], 1: [1], 2: [0xC3], 3: [4, 200], 4: [7, 25], 5: [0x0A], 6: [0x0A], 7: [1],
            8: [0x6F, 0x02],
            0xC0: [0],
        ]
        for (parameter, value) in expected { #expect(try get(parameter) == [0x11] + value, "\(parameter)") }
        #expect(try console.command(0x0C, 0x22, [0x81, 1, 0, 0]).data == [0x11], "revision only")
        #expect(try console.command(0x0C, 0x22, [0x01, 9, 0, 0]).completion == 0x80)
        for (parameter, value) in [
            (1, [0]), (2, [0x04]), (3, [10, 50]), (4, [3, 100]), (5, [0x06]), (6, [0x07]), (0xC0, [25]),
        ] as [(UInt8, [UInt8])] {
            #expect(try console.command(0x0C, 0x21, [0x01, parameter] + value).completion == 0)
            #expect(try get(parameter) == [0x11] + value)
        }
        #expect(try console.command(0x0C, 0x21, [0x01, 0x07, 0x02]).completion == 0x82, "read-only")
        #expect(try console.command(0x0C, 0x21, [0x01, 0x06, 0x03]).completion == 0xCC, "no such rate")
    }
}
