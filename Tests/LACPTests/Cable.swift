import LabModel

@testable import LACP

/// Two ends of a bond and the cables between them, with a clock that only the test moves.
struct Cable {
    private enum Arrival {
        case message(LACPDU, side: Int, port: Int)
    }

    private(set) var ends: [LinkAggregation]
    private(set) var now = Duration.zero
    /// All that either end did, with the time.
    private(set) var actions: [(time: Duration, side: Int, action: LinkAggregation.Action)] = []
    private var plugged: Set<Int> = []
    private var underway: [(time: Duration, arrival: Arrival)] = []
    /// Whether a message that is sent now arrives.
    var isDelivered: (_ side: Int, _ port: Int) -> Bool = { _, _ in true }

    init(_ left: LinkAggregation, _ right: LinkAggregation) { ends = [left, right] }

    /// The switch's side with two ports, and a node's as Linux makes it, of the same shape.
    static func pair(rate: Bond.LACPRate = .slow) -> Cable {
        Cable(
            LinkAggregation(
                system: MACAddress(bits: 0x02_76_6c_61_63_70),
                key: 7,
                ports: [11, 12],
                rate: rate
            ),
            LinkAggregation(
                system: MACAddress(bits: 0x52_54_00_00_00_01),
                key: 15,
                ports: [1, 2],
                rate: rate
            )
        )
    }

    mutating func plug(_ port: Int) {
        guard plugged.insert(port).inserted else { return }
        for side in 0...1 { handle(.linkUp, side, port) }
    }

    mutating func pull(_ port: Int) {
        guard plugged.remove(port) != nil else { return }
        for side in 0...1 { handle(.linkDown, side, port) }
    }

    /// The node at the other end is reset: it forgets all, what is on the wire is lost, and the switch is told.
    mutating func reset() {
        underway.removeAll()
        for port in plugged.sorted() {
            handle(.reset, 1, port)
            handle(.reset, 0, port)
        }
    }

    /// A message at one end, as somebody else might send it.
    mutating func inject(_ message: LACPDU, side: Int, port: Int) { handle(.received(message), side, port) }

    mutating func run(for time: Duration) {
        let end = now + time
        while true {
            let deadlines = ends.compactMap(\.deadline) + underway.map(\.time)
            guard let next = deadlines.min(), next <= end else { break }
            now = max(now, next)
            let due = underway.filter { $0.time <= now }
            underway.removeAll { $0.time <= now }
            for (_, arrival) in due {
                guard case .message(let message, let side, let port) = arrival, plugged.contains(port) else {
                    continue
                }
                handle(.received(message), side, port)
            }
            for side in 0...1 { keep(ends[side].advance(to: now), side) }
        }
        now = end
    }

    private mutating func handle(_ event: LinkAggregation.Event, _ side: Int, _ port: Int) {
        keep(ends[side].handle(event, on: port, at: now), side)
    }

    private mutating func keep(_ actions: [LinkAggregation.Action], _ side: Int) {
        for action in actions {
            self.actions.append((now, side, action))
            guard case .send(let message, let port) = action, isDelivered(side, port) else { continue }
            underway.append((now + .milliseconds(1), .message(message, side: 1 - side, port: port)))
        }
    }

    /// What the switch's side told, without the messages.
    var told: [LinkAggregation.Action] {
        actions.filter { $0.side == 0 }.map(\.action).filter {
            if case .send = $0 { false } else { true }
        }
    }

    func sent(by side: Int, after time: Duration) -> Int {
        actions.count { entry in
            if case .send = entry.action { entry.side == side && entry.time > time } else { false }
        }
    }
}
