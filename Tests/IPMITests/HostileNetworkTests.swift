import Testing

@testable import IPMI

@Suite("Whatever the network does")
struct HostileNetworkTests {
    @Test("random bytes get no answer of ten times their size and crash nothing", arguments: UInt64(0)..<20)
    func noise(seed: UInt64) throws {
        let console = try Console.loggedIn(seed: seed)
        var random = Seeded(seed)
        for _ in 0..<500 {
            var bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                UInt8(truncatingIfNeeded: random.next())
            }
            // Half of them look like IPMI at first sight.
            if Bool.random(using: &random) {
                bytes.replaceSubrange(..<min(4, bytes.count), with: [6, 0, 0xFF, 7].prefix(bytes.count))
            }
            if bytes.count > 5, Bool.random(using: &random) {
                bytes[4] = [0, 6].randomElement(using: &random) ?? 0
            }
            let answered = Console.answer(console.send(bytes))?.count ?? 0
            #expect(answered <= 10 * bytes.count)
        }
        #expect(try console.command(0x00, 0x01).completion == 0, "it still answers")
    }

    @Test("damaged packets are never obeyed", arguments: UInt64(0)..<40)
    func damage(seed: UInt64) throws {
        let console = try Console.loggedIn(seed: seed)
        var random = Seeded(seed)
        for _ in 0..<100 {
            var damaged = try console.packet(0x00, 0x02, [0x00])
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                damaged[Int.random(in: 4..<damaged.count, using: &random)] ^=
                    1 << UInt8.random(in: 0..<8, using: &random)
            case 1: damaged.removeLast(Int.random(in: 1...damaged.count, using: &random))
            default:
                damaged += (0..<Int.random(in: 1...20, using: &random)).map { _ in
                    UInt8(truncatingIfNeeded: random.next())
                }
            }
            let actions = console.send(damaged)
            #expect(!actions.contains { if case .perform = $0 { true } else { false } })
            console.link.sequence -= 1
        }
        #expect(try console.command(0x00, 0x01).completion == 0, "it still answers")
    }

    @Test("log-in messages of any length are answered or dropped")
    func lengths() throws {
        for type in [RMCPPlusPacket.Payload.openSessionRequest, .rakp1, .rakp3, .message] {
            for length in 0..<100 {
                let console = Console()
                for byte: UInt8 in [0x00, 0x10, 0xFF] {
                    let payload = [UInt8](repeating: byte, count: length)
                    #expect(!console.send(RMCPPlusPacket.encode(type, payload)).isEmpty)
                }
                #expect(try console.logIn() == 0)
            }
        }
    }

    /// A console that repeats what is not answered, on a network that loses, doubles and reorders, to a machine
    /// that takes its time.
    @Test("each command is done at most once, and done if it was said to be", arguments: UInt64(0)..<100)
    func lossyNetwork(seed: UInt64) throws {
        let console = try Console.loggedIn(seed: seed)
        var random = Seeded(seed)
        var working: [(due: Duration, Ticket)] = []
        var onTheWay: [(due: Duration, [UInt8])] = []
        var backOnTheWay: [(due: Duration, [UInt8])] = []
        var performed = 0

        func transmit(_ datagram: [UInt8], into way: inout [(due: Duration, [UInt8])], at now: Duration) {
            for _ in 0..<([0, 1, 1, 1, 2].randomElement(using: &random) ?? 1) {
                way.append((now + .milliseconds(Int.random(in: 1...1500, using: &random)), datagram))
            }
        }
        func handle(_ actions: [Action]) {
            for action in actions {
                switch action {
                case .perform(_, let ticket):
                    performed += 1
                    working.append(
                        (console.now + .milliseconds(Int.random(in: 0...3900, using: &random)), ticket)
                    )
                case .send(let bytes, _): transmit(bytes, into: &backOnTheWay, at: console.now)
                case .settled, .forgetBoot, .identify, .type, .sendBreak, .report, .bit, .drop: break
                }
            }
        }

        for _ in 0..<10 {
            let before = performed
            var answer: Console.Answer?
            var number: UInt8?
            let start = console.now
            for step in 0..<200 where answer == nil {
                console.now = start + .milliseconds(100 * step)
                if step % 10 == 0, step < 100 {
                    let packet = try console.packet(0x00, 0x02, [0x03], number: number)
                    number = console.link.requests
                    transmit(packet, into: &onTheWay, at: console.now)
                }
                for (due, datagram) in onTheWay where due <= console.now { handle(console.send(datagram)) }
                onTheWay.removeAll { $0.due <= console.now }
                for (due, ticket) in working where due <= console.now {
                    handle(console.bmc.complete(ticket, .success, at: console.now))
                }
                working.removeAll { $0.due <= console.now }
                handle(console.bmc.advance(to: console.now))
                for (due, datagram) in backOnTheWay where due <= console.now {
                    let read = try console.read(datagram)
                    if read.number == number { answer = read }
                }
                backOnTheWay.removeAll { $0.due <= console.now }
            }
            #expect(performed - before <= 1, "done once")
            if answer?.completion == 0 { #expect(performed - before == 1, "done if said to be") }
            // What is still under way arrives before the next command.
            for (_, ticket) in working { _ = console.bmc.complete(ticket, .success, at: console.now) }
            for (_, datagram) in onTheWay { handle(console.send(datagram)) }
            for (_, ticket) in working { _ = console.bmc.complete(ticket, .success, at: console.now) }
            (working, onTheWay, backOnTheWay) = ([], [], [])
        }
    }
}
