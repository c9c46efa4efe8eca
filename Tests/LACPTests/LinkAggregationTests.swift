import LabModel
import Testing

@testable import LACP

@Suite("The switch's side of a bond")
struct LinkAggregationTests {
    @Test("has both ports in one link with its partner three seconds after they are plugged in")
    func together() {
        var cable = Cable.pair()
        cable.plug(0)
        cable.plug(1)
        cable.run(for: .seconds(3))
        #expect(cable.ends[0].live == [0, 1] && cable.ends[1].live == [0, 1])
        #expect(cable.told.count == 2, "each is told once")
        guard case .up(0, let partner) = cable.told[0] else {
            Issue.record("\(cable.told)")
            return
        }
        #expect(partner.key == 15 && partner.system == MACAddress(bits: 0x52_54_00_00_00_01))
    }

    @Test("speaks every 30 seconds to a partner that is not in a hurry, and every second to one that is")
    func pace() {
        for (rate, count) in [(Bond.LACPRate.slow, 2), (.fast, 60)] {
            var cable = Cable.pair(rate: rate)
            cable.plug(0)
            cable.run(for: .seconds(100))
            cable.run(for: .seconds(60))
            #expect(abs(cable.sent(by: 0, after: .seconds(100)) - count) <= 1, "\(rate)")
        }
    }

    @Test("alone on its cable it asks twice a minute and is never live")
    func alone() {
        var cable = Cable.pair()
        cable.isDelivered = { _, _ in false }
        cable.plug(0)
        cable.run(for: .seconds(100))
        let before = cable.sent(by: 0, after: .zero)
        cable.run(for: .seconds(600))
        #expect(cable.sent(by: 0, after: .zero) - before == 20)
        #expect(cable.told == [] && cable.ends[0].live == [])
    }

    @Test("with all cables pulled it has nothing to do")
    func idle() {
        var cable = Cable.pair()
        #expect(cable.ends[0].deadline == nil)
        cable.plug(0)
        cable.run(for: .seconds(5))
        cable.pull(0)
        #expect(cable.ends[0].deadline == nil)
        #expect(cable.told.last == .lost(port: 0, why: .link))
    }

    @Test("loses a port whose cable is pulled at once, and goes on with the other")
    func pulled() {
        var cable = Cable.pair()
        cable.plug(0)
        cable.plug(1)
        cable.run(for: .seconds(5))
        cable.pull(0)
        #expect(cable.ends[0].live == [1] && cable.told.last == .lost(port: 0, why: .link))
        cable.run(for: .seconds(120))
        #expect(cable.ends[0].live == [1] && cable.ends[1].live == [1])
        cable.plug(0)
        cable.run(for: .seconds(5))
        #expect(cable.ends[0].live == [0, 1])
    }

    @Test("takes a silent partner out after three of its periods: 3 seconds, or 90")
    func silence() throws {
        for (rate, limit) in [(Bond.LACPRate.fast, Duration.seconds(3)), (.slow, .seconds(90))] {
            var cable = Cable.pair(rate: rate)
            cable.plug(0)
            cable.run(for: .seconds(100))
            #expect(cable.ends[0].live == [0])
            cable.isDelivered = { side, _ in side == 0 }
            cable.run(for: .seconds(120))
            #expect(cable.ends[0].live == [] && cable.told.last == .lost(port: 0, why: .silence))
            let lost = try #require(cable.actions.last { $0.action == .lost(port: 0, why: .silence) }?.time)
            #expect(lost > .seconds(98) && lost <= .seconds(100) + limit + .milliseconds(10), "\(lost)")
        }
    }

    @Test("forgets a partner that is reset at once, at either pace, and takes it back when it speaks again")
    func reset() {
        for rate in Bond.LACPRate.allCases {
            var cable = Cable.pair(rate: rate)
            cable.plug(0)
            cable.plug(1)
            cable.run(for: .seconds(100))
            #expect(cable.ends[0].live == [0, 1])
            // Its firmware says nothing.
            cable.isDelivered = { side, _ in side == 0 }
            cable.reset()
            #expect(cable.ends[0].live == [], "\(rate)")
            #expect(cable.told.suffix(2) == [.lost(port: 0, why: .reset), .lost(port: 1, why: .reset)])
            cable.run(for: .seconds(40))
            #expect(cable.ends[0].live == [] && cable.told.count == 4)
            cable.isDelivered = { _, _ in true }
            cable.reset()
            cable.run(for: .seconds(5))
            #expect(cable.ends[0].live == [0, 1] && cable.ends[1].live == [0, 1], "\(rate)")
        }
    }

    @Test("with its cables pulled has nothing to forget when the node is reset")
    func resetUnplugged() {
        var cable = Cable.pair()
        cable.plug(0)
        cable.run(for: .seconds(5))
        cable.pull(0)
        var end = cable.ends[0]
        #expect(end.handle(.reset, on: 0, at: cable.now) == [] && end.deadline == nil)
    }

    @Test("does not mix the ports of two partners: a cable in the wrong machine is left out")
    func twoPartners() throws {
        var cable = Cable.pair()
        cable.isDelivered = { _, port in port == 0 }
        cable.plug(0)
        cable.plug(1)
        cable.run(for: .seconds(5))
        let stranger = PortInformation(
            system: MACAddress(bits: 0x52_54_00_00_00_99),
            key: 15,
            port: 1,
            state: [.activity, .aggregation, .synchronization]
        )
        let own = PortInformation(
            system: MACAddress(bits: 0x02_76_6c_61_63_70),
            key: 7,
            port: 12,
            state: [.activity, .aggregation]
        )
        for _ in 0..<5 {
            cable.inject(LACPDU(actor: stranger, partner: own), side: 0, port: 1)
            cable.run(for: .seconds(1))
        }
        #expect(cable.ends[0].live == [0])
    }

    @Test("a partner that does not say that it heard us is not in step")
    func deaf() {
        var cable = Cable.pair()
        // What the switch sends is lost; what the node sends arrives.
        cable.isDelivered = { side, _ in side == 1 }
        cable.plug(0)
        cable.run(for: .seconds(60))
        #expect(cable.ends[0].live == [])
    }

    @Test("sends no more than three messages a second, whatever it is sent")
    func flood() {
        var cable = Cable.pair()
        cable.plug(0)
        cable.run(for: .seconds(5))
        let from = cable.now
        for number in 0..<1_000 {
            let odd = PortInformation(
                system: MACAddress(bits: UInt64(number % 7)),
                key: UInt16(number),
                port: 1,
                state: PortInformation.State(rawValue: UInt8(number % 256))
            )
            cable.inject(LACPDU(actor: odd, partner: odd), side: 0, port: 0)
            cable.run(for: .milliseconds(10))
        }
        #expect(cable.sent(by: 0, after: from) <= 3 * 11)
    }

    @Test(
        "whatever is lost, pulled and reset, comes to carry what is plugged in, on both sides alike",
        arguments: UInt64(0)..<60
    )
    func anyWeather(seed: UInt64) {
        var random = Weather(seed: seed)
        var cable = Cable.pair(rate: Bool.random(using: &random) ? .fast : .slow)
        for _ in 0..<Int.random(in: 1...30, using: &random) {
            let port = Int.random(in: 0...1, using: &random)
            switch Int.random(in: 0...4, using: &random) {
            case 0, 1: cable.plug(port)
            case 2, 3: cable.pull(port)
            default: cable.reset()
            }
            let lossy = Set((0...3).filter { _ in Int.random(in: 0..<3, using: &random) == 0 })
            cable.isDelivered = { side, port in !lossy.contains(2 * side + port) }
            cable.run(for: .milliseconds(Int.random(in: 1...40_000, using: &random)))
        }
        cable.isDelivered = { _, _ in true }
        cable.plug(0)
        // The slowest way back: 90 seconds until silence is noticed, 30 until the next word, and the wait to attach.
        cable.run(for: .seconds(130))
        #expect(cable.ends[0].live == cable.ends[1].live, "seed \(seed)")
        #expect(cable.ends[0].live.contains(0), "seed \(seed)")
    }
}

/// SplitMix64: the same weather for the same seed.
private struct Weather: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
