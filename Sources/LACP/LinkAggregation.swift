import LabModel

/// The switch's side of one bond: its ports, and which of them are one link now (IEEE 802.1AX-2020 §6.4).
///
/// Events in, actions out:
///
///     var bond = LinkAggregation(system: system, key: 1, ports: [1, 2], rate: .slow)
///     _ = bond.handle(.linkUp, on: 0, at: .zero)
///     let actions = bond.handle(.received(message), on: 0, at: .seconds(1))  // [.send(…, port: 0)]
///
/// A port on which nobody speaks LACP is no part of the link and is for the caller to use as the single port that it is.
package struct LinkAggregation: Sendable, Hashable {
    package enum Event: Sendable, Hashable {
        case linkUp, linkDown
        /// The machine at the other end was reset: on metal its link is gone for a moment, and all that was known of it.
        case reset
        case received(LACPDU)
    }

    package enum Action: Sendable, Hashable {
        case send(LACPDU, port: Int)
        /// The port carries frames, as one of the bond's.
        case up(port: Int, partner: PortInformation)
        case lost(port: Int, why: Reason)
    }

    /// Why a port does no longer carry frames.
    package enum Reason: String, Sendable, Hashable {
        case link = "its link is down"
        case reset = "its node has been reset"
        case silence = "its partner has fallen silent"
        case outOfStep = "its partner has taken it out"
        case moved = "its partner is another one now"
    }

    private var ports: [AggregatedPort]
    private var chosen: AggregatedPort.Aggregation?

    /// `ports` are numbers that are unique in the system; `key` is the bond's own in it.
    package init(system: MACAddress, key: UInt16, ports: [UInt16], rate: Bond.LACPRate) {
        self.ports = ports.map { number in
            var state: PortInformation.State = [.activity, .aggregation]
            if rate == .fast { state.insert(.shortTimeout) }
            return AggregatedPort(PortInformation(system: system, key: key, port: number, state: state))
        }
    }

    /// The ports that carry frames.
    package var live: [Int] { ports.indices.filter { ports[$0].isLive } }
    /// When to call ``advance(to:)`` at the latest; nil while nothing happens by itself.
    package var deadline: Duration? {
        // Those that wait attach together, when the last of them may.
        let attach = ports.filter { $0.mux == .waiting }.compactMap(\.waitWhile).max()
        return (ports.map(\.deadline) + [attach]).compactMap(\.self).min()
    }

    package mutating func handle(_ event: Event, on port: Int, at now: Duration) -> [Action] {
        let before = ports
        switch event {
        case .linkUp: ports[port].linkUp(at: now)
        case .linkDown: ports[port].linkDown()
        case .reset: ports[port].reset(at: now)
        case .received(let message): ports[port].receive(message, at: now)
        }
        return settle(before, at: now)
    }

    package mutating func advance(to now: Duration) -> [Action] { settle(ports, at: now) }

    /// Runs the timers, selection and mux machines, and tells what has become of it since `before`.
    private mutating func settle(_ before: [AggregatedPort], at now: Duration) -> [Action] {
        for index in ports.indices { ports[index].advance(to: now) }
        // Twice: what was unselected detaches first, and may then be selected for something else.
        for _ in 0..<2 {
            couple(at: now)
            select()
        }
        couple(at: now)
        var actions: [Action] = []
        for index in ports.indices where ports[index].isLive != before[index].isLive {
            if ports[index].isLive {
                actions.append(.up(port: index, partner: ports[index].partner))
            } else {
                actions.append(.lost(port: index, why: reason(before[index], ports[index])))
            }
        }
        for index in ports.indices {
            if let message = ports[index].transmit(at: now) { actions.append(.send(message, port: index)) }
        }
        return actions
    }

    private mutating func couple(at now: Duration) {
        let allReady = ports.allSatisfy { !$0.isSelected || $0.mux != .waiting || $0.isReady(at: now) }
        for index in ports.indices { ports[index].couple(allReady: allReady, at: now) }
    }

    /// The aggregation that is there stays; else the one with most ports, of equals the first, is made (§6.4.14).
    private mutating func select() {
        let wanted = ports.map(\.aggregation)
        if chosen == nil || !wanted.contains(chosen) {
            let counts = wanted.compactMap(\.self).reduce(into: [:]) { $0[$1, default: 0] += 1 }
            let most = counts.values.max()
            chosen = wanted.compactMap(\.self).first { counts[$0] == most }
        }
        for index in ports.indices {
            ports[index].isSelected = chosen != nil && wanted[index] == chosen
        }
    }

    private func reason(_ before: AggregatedPort, _ after: AggregatedPort) -> Reason {
        switch after.receive {
        case .portDisabled: .link
        case .expired where !after.hasHeard: .reset
        case .expired, .defaulted: .silence
        case .current: before.aggregation == after.aggregation ? .outOfStep : .moved
        }
    }
}
