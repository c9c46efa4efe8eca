import Foundation
import LabModel
import NIOCore
import Testing

@testable import Gateway

@Suite("Bytes that faults hold up", .timeLimit(.minutes(4)))
struct PumpTests {
    @Test("are the right ones in order, whatever was edited", arguments: UInt64(0)..<60)
    func property(seed: UInt64) async throws {
        var random = Seeded(seed)
        let data = Array(Data.pattern(Int.random(in: 0...200_000, using: &random)))
        try await PumpBed.with { bed in
            var (flow, expected) = (Flow(), data)
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let place = Int.random(in: 0...data.count, using: &random)
                let mask = UInt8.random(in: 1...255, using: &random)
                flow.change(.stream(place), mask: mask, try bed.claim())
                if place < data.count { expected[place] ^= mask }
            }
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                flow.mark(.stream(Int.random(in: 0...data.count, using: &random)), bed.turn()) { claim, _ in
                    claim.land([:])
                    return .goOn
                }
            }
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let size = Int.random(in: 1000...90_000, using: &random)
                let rate = Int.random(in: 50_000_000...900_000_000, using: &random)
                let kinds: [Flow.Shaper.Kind] = [
                    .delay { .microseconds(Int64($0 * 37 % 500)) }, .rate(rate),
                    .slices({ max(1, size - $0) }, pause: .zero),
                ]
                flow.shape(kinds[Int.random(in: 0..<3, using: &random)], try bed.claim())
            }
            var cut: Int?
            if Bool.random(using: &random) {
                let place = Int.random(in: 0...data.count, using: &random)
                flow.mark(.stream(place), bed.turn()) { _, _ in .reset }
                cut = place
                expected = Array(expected.prefix(place))
            }
            var pump = bed.pump(flow)
            let isStream = Bool.random(using: &random)
            let pieces = Self.pieces(of: data, &random)
            do {
                if isStream {
                    let rest = Rest(pieces)
                    try await pump.send { rest.next() }
                } else {
                    for piece in pieces { try await pump.send(.bytes(piece)) }
                }
                try await pump.finish()
                #expect(cut == nil)
            } catch Pump.Cut.reset {
                #expect(cut != nil)
            }
            let isRight = bed.bytes == expected
            #expect(isRight, "\(bed.bytes.count) of \(expected.count) bytes")
        }
    }

    private static func pieces(of data: [UInt8], _ random: inout Seeded) -> [ByteBuffer] {
        var (rest, pieces) = (data[...], [ByteBuffer]())
        while !rest.isEmpty {
            let count = Int.random(in: 1...50_000, using: &random)
            pieces.append(ByteBuffer(bytes: rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    @Test("change only where they are said to: bits, behind the header")
    func changes() async throws {
        try await PumpBed.with { bed in
            var flow = Flow()
            flow.change(.body(1), mask: 0x80, try bed.claim())
            flow.change(.body(1), mask: 0x01, try bed.claim())
            flow.change(.body(99), mask: 0xFF, try bed.claim())
            var pump = bed.pump(flow, header: 3)
            try await pump.send(.bytes(ByteBuffer(bytes: [1, 2, 3])))
            try await pump.send(.bytes(ByteBuffer(bytes: [4, 5, 6])))
            try await pump.finish()
            #expect(bed.bytes == [1, 2, 3, 4, 5 ^ 0x81, 6])
            // What lies behind the end has not bitten.
            #expect(bed.events.named("fault.applied").count == 2)
        }
    }

    @Test("are as many a second as they should be, however late the timers are")
    func rate() {
        var meter = RateMeter(bytesPerSecond: 1_000_000)
        var now = NIODeadline.at(0)
        var sent = 0
        while sent < 10_000_000 {
            let due = meter.due(meter.most, ready: .at(0), now: now)
            // Each timer goes off late, by up to 30 ms.
            now = max(now, due) + .milliseconds(Int64(sent / 20_000 % 31))
            sent += meter.most
        }
        let seconds = Double((now - .at(0)).nanoseconds) / 1e9
        #expect(abs(seconds - 10) < 0.05, "\(seconds)")
    }

    @Test("do not catch up on what nobody had to send")
    func idle() {
        var meter = RateMeter(bytesPerSecond: 1000)
        #expect(meter.due(100, ready: .at(0), now: .at(0)) == .at(100))
        #expect(meter.due(100, ready: .at(5000), now: .at(5000)) == .at(5100))
        // Nor on more than a tenth of a second that the client did not read.
        #expect(meter.due(100, ready: .at(5000), now: .at(9000)) == .at(9000))
        #expect(meter.due(1000, ready: .at(5000), now: .at(9000)) == .at(10_000))
    }

    @Test("pass two lines like the narrower of them")
    func twoRates() async throws {
        try await PumpBed.with { bed in
            var flow = Flow()
            flow.shape(.rate(200_000), try bed.claim())
            flow.shape(.rate(1_000_000), try bed.claim())
            var pump = bed.pump(flow)
            let start = NIODeadline.now()
            try await pump.send(.bytes(ByteBuffer(repeating: 7, count: 40_000)))
            let seconds = Double((NIODeadline.now() - start).nanoseconds) / 1e9
            // One after the other they would take 0.24 s: too slow is a busy machine's right, too fast is not.
            #expect(seconds > 0.199)
            #expect(bed.moments.allSatisfy { $0.count <= 4000 })
        }
    }

    @Test("that are late are read on nevertheless: each waits for itself and not for those before it")
    func delay() async throws {
        try await PumpBed.with { bed in
            let claim = try bed.claim()
            var flow = Flow()
            flow.shape(.delay { _ in .seconds(3600) }, claim)
            let pump = bed.pump(flow)
            let pieces = Rest((0..<20).map { ByteBuffer(repeating: UInt8($0), count: 10) })
            let allRead = Latch<Void>()
            async let sent: Void = {
                var pump = pump
                try await pump.send {
                    guard let piece = pieces.next() else {
                        allRead.set(())
                        return nil
                    }
                    return piece
                }
            }()
            await allRead.value
            #expect(bed.bytes.isEmpty)
            claim.rule.heal()
            try await sent
            #expect(bed.bytes == (0..<20).flatMap { [UInt8](repeating: UInt8($0), count: 10) })
        }
    }

    @Test("are read on only so far: a delay does not fill the memory")
    func readsOnSoFar() async throws {
        let (arrivals, passed) = (ReadAhead(), Countdown(1000))
        async let put: Void = {
            let piece = ByteBuffer(repeating: 0, count: 4 << 20)
            for _ in 0..<100 {
                await arrivals.put(ReadAhead.Arrival(buffer: piece, moment: .now()))
                _ = passed.take(1)
            }
            arrivals.end(.success(()))
        }()
        var count = 0
        while let arrival = try await arrivals.take() {
            count += 1
            #expect(arrival.buffer.readableBytes == 4 << 20)
            // Those that were put are at most four ahead of those that were taken.
            #expect(1000 - passed.rest <= count + 4)
        }
        await put
        #expect(count == 100)
    }

    @Test("wait for two delays together")
    func twoDelays() async throws {
        try await PumpBed.with { bed in
            var flow = Flow()
            flow.shape(.delay { _ in .milliseconds(40) }, try bed.claim())
            flow.shape(.delay { _ in .milliseconds(60) }, try bed.claim())
            var pump = bed.pump(flow)
            let start = NIODeadline.now()
            try await pump.send(.bytes(ByteBuffer(string: "x")))
            #expect(NIODeadline.now() - start >= .milliseconds(100))
        }
    }

    @Test(
        "go on at once when they are healed in mid-wait",
        arguments: [
            .delay { _ in .seconds(3600) }, .rate(1), .slices({ _ in 1 }, pause: .seconds(3600)),
        ] as [Flow.Shaper.Kind]
    )
    func healed(kind: Flow.Shaper.Kind) async throws {
        try await PumpBed.with { bed in
            let claim = try bed.claim()
            var flow = Flow()
            flow.shape(kind, claim)
            async let applied = bed.events.first("fault.applied")
            let pump = bed.pump(flow)
            async let sent: Void = {
                var pump = pump
                try await pump.send(.bytes(ByteBuffer(repeating: 1, count: 10_000)))
            }()
            _ = await applied
            claim.rule.heal()
            try await sent
            #expect(bed.bytes.count == 10_000)
        }
    }

    @Test("are given up when the client leaves in mid-wait")
    func leaves() async throws {
        try await PumpBed.with { bed in
            let turn = bed.turn()
            var flow = Flow()
            flow.mark(.stream(0), turn) { claim, moment in
                claim.land([:])
                #expect(await moment.hold(for: claim, atMost: nil) == .clientLeft)
                return .close
            }
            async let applied = bed.events.first("fault.applied")
            let pump = bed.pump(flow)
            async let sent: Void = {
                var pump = pump
                await #expect(throws: Pump.Cut.close) { try await pump.send(.bytes(ByteBuffer(string: "x"))) }
            }()
            _ = await applied
            try await bed.channel.close().get()
            await sent
            #expect(bed.bytes.isEmpty)
        }
    }

    @Test("pass a place whose rule is healed before they come there")
    func healedBefore() async throws {
        try await PumpBed.with { bed in
            let turn = bed.turn()
            var flow = Flow()
            flow.mark(.stream(3), turn) { _, _ in .reset }
            turn.rule.heal()
            var pump = bed.pump(flow)
            try await pump.send(.bytes(ByteBuffer(string: "hello")))
            try await pump.finish()
            #expect(bed.bytes == Array("hello".utf8))
            #expect(turn.taken == nil)
        }
    }

    @Test("that break off at their source do so behind all that came before")
    func breaksOff() async throws {
        struct Broken: Error {}
        try await PumpBed.with { bed in
            var flow = Flow()
            flow.shape(.delay { _ in .milliseconds(20) }, try bed.claim())
            var pump = bed.pump(flow)
            let pieces = Rest([ByteBuffer(string: "a"), ByteBuffer(string: "b")])
            await #expect(throws: Broken.self) {
                try await pump.send {
                    guard let piece = pieces.next() else { throw Broken() }
                    return piece
                }
            }
            #expect(bed.bytes == Array("ab".utf8))
        }
    }
}
