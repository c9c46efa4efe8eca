import Testing

@testable import IPMI

@Suite("Serial over a network that loses, doubles and reorders packets")
struct LossySerialTests {
    @Test("neither loses nor doubles a character, either way", arguments: UInt64(1)...60)
    func allArrives(seed: UInt64) throws {
        let run = try Run(seed)
        try run.toTheEnd()
        #expect(run.typed == run.toType)
        #expect(run.seen == run.toPrint)
    }

    /// A console that types while the machine prints.
    final class Run {
        let console: Console
        let toPrint: [UInt8]
        let toType: [UInt8]
        private(set) var seen: [UInt8] = []
        private(set) var typed: [UInt8] = []
        private var random: Seeded
        private var flights: [(arrival: Duration, toBMC: Bool, datagram: [UInt8])] = []
        private var printed = 0
        private var nextPrint: Duration

        // The console's own half of the protocol.
        private var sent = 0
        private var underWay: (packet: SOLPacket, retry: Duration)?
        private var sequence: UInt8 = 0
        private var lastSequence: UInt8 = 0
        private var lastNumber: UInt32 = 0

        init(_ seed: UInt64) throws {
            random = Seeded(seed)
            console = try Console.loggedIn(seed: seed)
            try console.activate()
            _ = try console.command(0x0C, 0x21, [0x01, 0x04, 0x07, 0x05])
            toPrint = (0..<4000).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
            toType = (0..<400).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            nextPrint = console.now
        }

        private func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

        private func launch(_ datagram: [UInt8], toBMC: Bool) {
            for _ in 0..<(chance(10) ? 2 : 1) where !chance(10) {
                let time = Duration.milliseconds(Int.random(in: 0...120, using: &random))
                flights.append((console.now + time, toBMC, datagram))
            }
        }

        private func follow(_ actions: [Action]) {
            for action in actions {
                switch action {
                case .send(let datagram, _): launch(datagram, toBMC: false)
                case .type(let bytes): typed += bytes
                default: break
                }
            }
        }

        private func hear(_ datagram: [UInt8]) throws {
            guard case .rmcpPlus(let outer) = try Datagram(decoding: datagram),
                let packet = try console.solPacket(datagram)
            else { return }
            if let waiting = underWay, waiting.packet.sequence == packet.acknowledged {
                sent += Int(packet.accepted)
                underWay = nil
            }
            guard packet.sequence != 0, outer.sequence > lastNumber else { return }
            lastNumber = outer.sequence
            if packet.sequence != lastSequence {
                seen += packet.characters
                lastSequence = packet.sequence
            }
            let answer = SOLPacket(acknowledged: packet.sequence, accepted: UInt8(packet.characters.count))
            launch(try console.sol(answer), toBMC: true)
        }

        private func speak() throws {
            if underWay == nil, sent < toType.count {
                sequence = SOLPacket.successor(of: sequence)
                let count = Int.random(in: 1...30, using: &random)
                let packet = SOLPacket(sequence: sequence, characters: Array(toType[sent...].prefix(count)))
                underWay = (packet, console.now)
            }
            guard let waiting = underWay, waiting.retry <= console.now else { return }
            underWay?.retry = console.now + .milliseconds(90)
            launch(try console.sol(waiting.packet), toBMC: true)
        }

        func toTheEnd() throws {
            for _ in 0..<200_000 {
                if seen.count >= toPrint.count, typed.count >= toType.count, sent >= toType.count { break }
                if printed < toPrint.count, nextPrint <= console.now {
                    let count = Int.random(in: 1...300, using: &random)
                    follow(console.shows(Array(toPrint[printed...].prefix(count))))
                    printed = min(toPrint.count, printed + count)
                    nextPrint += .milliseconds(30)
                }
                try speak()
                if let deadline = console.bmc.consoleDeadline, deadline <= console.now {
                    follow(console.bmc.advance(to: console.now))
                }
                let due = flights.filter { $0.arrival <= console.now }
                flights.removeAll { $0.arrival <= console.now }
                for flight in due {
                    if flight.toBMC {
                        follow(console.send(flight.datagram))
                    } else {
                        try hear(flight.datagram)
                    }
                }
                console.now += .milliseconds(1)
            }
        }
    }
}
