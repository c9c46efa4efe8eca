import LabModel
import Synchronization
import Testing

@testable import Sandbox

@Suite("The table of neighbours")
struct NeighboursTests {
    /// A table that a test writes, and how often it was read; at a time that a test sets.
    private final class Kernel: Sendable {
        private let state = Mutex((table: [IPAddress: MACAddress](), reads: 0, time: ContinuousClock.now))

        var reads: Int { state.withLock { $0.reads } }
        var time: ContinuousClock.Instant { state.withLock { $0.time } }
        func set(_ address: IPAddress, _ card: MACAddress?) { state.withLock { $0.table[address] = card } }
        func pass(_ time: Duration) { state.withLock { $0.time += time } }

        var neighbours: Neighbours {
            Neighbours(now: { self.time }) {
                self.state.withLock { state in
                    state.reads += 1
                    return state.table
                }
            }
        }
    }

    private let node = IPAddress.v4(IPv4Address(bits: 0x0A14_0032))
    private let other = IPAddress.v4(IPv4Address(bits: 0x0A14_0033))
    private let engine = IPAddress.v4(IPv4Address(bits: 0xC612_0001))
    private let cards = ["52:54:00:00:00:01", "52:54:00:00:00:02"].compactMap { MACAddress($0) }

    @Test("is read once for many questions, about strangers too")
    func once() {
        let kernel = Kernel()
        kernel.set(node, cards[0])
        let neighbours = kernel.neighbours
        for _ in 0..<100 { #expect(neighbours.card(of: node) == cards[0]) }
        #expect(kernel.reads == 1)
        for _ in 0..<100 { #expect(neighbours.card(of: engine) == nil) }
        #expect(kernel.reads == 2)
        for _ in 0..<100 { #expect(neighbours.card(of: node) == cards[0]) }
        #expect(kernel.reads == 2)
    }

    @Test("is read at once for who is new")
    func new() {
        let kernel = Kernel()
        kernel.set(node, cards[0])
        let neighbours = kernel.neighbours
        #expect(neighbours.card(of: node) == cards[0])
        kernel.set(other, cards[1])
        #expect(neighbours.card(of: other) == cards[1])
        #expect(neighbours.card(of: node) == cards[0] && kernel.reads == 2)
    }

    @Test("is read again a second later: an address may be another card's by then, or a stranger's")
    func later() {
        let kernel = Kernel()
        kernel.set(node, cards[0])
        let neighbours = kernel.neighbours
        #expect(neighbours.card(of: node) == cards[0] && neighbours.card(of: other) == nil)
        kernel.set(node, cards[1])
        kernel.set(other, cards[0])
        kernel.pass(.milliseconds(999))
        #expect(neighbours.card(of: node) == cards[0] && neighbours.card(of: other) == nil)
        kernel.pass(.milliseconds(1))
        #expect(neighbours.card(of: node) == cards[1] && neighbours.card(of: other) == cards[0])
        #expect(kernel.reads == 3)
    }

    @Test("that cannot be read knows nobody, and is read again a second later")
    func unreadable() {
        let reads = Mutex(0)
        let kernel = Kernel()
        let neighbours = Neighbours(now: { kernel.time }) {
            reads.withLock { $0 += 1 }
            throw SandboxError.unsupported("it")
        }
        for _ in 0..<3 { #expect(neighbours.card(of: node) == nil) }
        #expect(reads.withLock { $0 } == 1)
        kernel.pass(.seconds(1))
        #expect(neighbours.card(of: node) == nil)
        #expect(reads.withLock { $0 } == 2)
    }
}
