import LACP
import LabModel

/// A bond at its switch: which ports are plugged in, which carry frames, and which one of them what goes to all.
///
/// No socket and no clock: what happens goes in, what is to be done comes out.
struct SwitchedBond: Sendable {
    enum Action: Sendable, Hashable {
        case send(LACPDU, port: Int)
        /// Whether the port gets what goes to all; `forgetting` the addresses that were behind it.
        case flood(Bool, port: Int, forgetting: Bool)
        case tell(LabEvent)
    }

    let plan: BondPlan
    private var aggregation: LinkAggregation?
    private var plugged: Set<Int> = []
    /// What has been set on the ports.
    private var floods: [Int: Bool] = [:]
    /// The port for what goes to all, while the bond is one link.
    private var chosen: Int?

    /// `first` is the number of its first port in the lab's one system.
    init(_ plan: BondPlan, key: UInt16, firstPort: UInt16) {
        self.plan = plan
        aggregation = plan.lacp.map {
            LinkAggregation(
                system: Self.system,
                key: key,
                ports: plan.ports.indices.map { firstPort + UInt16($0) },
                rate: $0
            )
        }
    }

    /// The lab's switches are one system.
    static let system = MACAddress(bits: 0x02_76_6c_61_63_70)

    var deadline: Duration? { aggregation?.deadline }

    /// The ports that are one link; none while nobody speaks LACP, and each port is one by itself.
    private var live: [Int] { aggregation?.live ?? plugged.sorted() }

    mutating func plug(_ port: Int, _ isIn: Bool, at now: Duration) -> [Action] {
        guard isIn != plugged.contains(port) else { return [] }
        let before = live
        if isIn {
            plugged.insert(port)
            // One that the kernel has made anew floods; one that was only down is as it was.
            floods[port] = nil
        } else {
            plugged.remove(port)
            floods[port] = nil
        }
        let actions = aggregation?.handle(isIn ? .linkUp : .linkDown, on: port, at: now) ?? []
        return settle(actions, before)
    }

    /// The node was reset, and none of its ports had a link for a moment.
    mutating func reset(at now: Duration) -> [Action] {
        let before = live
        let actions = plugged.sorted().flatMap { aggregation?.handle(.reset, on: $0, at: now) ?? [] }
        return settle(actions, before)
    }

    mutating func receive(_ message: LACPDU, on port: Int, at now: Duration) -> [Action] {
        let before = live
        return settle(aggregation?.handle(.received(message), on: port, at: now) ?? [], before)
    }

    mutating func advance(to now: Duration) -> [Action] {
        let before = live
        return settle(aggregation?.advance(to: now) ?? [], before)
    }

    private mutating func settle(_ actions: [LinkAggregation.Action], _ before: [Int]) -> [Action] {
        let live = live
        // The flooding moves before the partner hears of anything.
        var all: [Action] = []
        for port in plugged.sorted() {
            let wanted = live.isEmpty || port == live[0]
            let hasLeft = before.contains(port) && !live.contains(port)
            guard floods[port] != wanted || hasLeft else { continue }
            floods[port] = wanted
            all.append(.flood(wanted, port: port, forgetting: hasLeft))
        }
        all += actions.map { action in
            switch action {
            case .send(let message, let port): .send(message, port: port)
            case .up(let port, let partner):
                .tell(event("lacp.up", port, ["partner": "\(partner.system)", "key": "\(partner.key)"]))
            case .lost(let port, let why): .tell(event("lacp.lost", port, ["why": why.rawValue]))
            }
        }
        if let first = live.first, let old = chosen, first != old {
            all.append(.tell(event("bond.moved", first, ["from": plan.ports[old].nic])))
        }
        if !live.isEmpty || plugged.isEmpty { chosen = live.first }
        return all
    }

    private func event(_ name: String, _ port: Int, _ details: LabEvent.Details) -> LabEvent {
        LabEvent(
            name,
            node: plan.node,
            details.with(["bond": plan.name, "nic": plan.ports[port].nic])
        )
    }
}
