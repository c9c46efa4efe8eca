import LabModel

/// One port of a link aggregation: its receive, periodic, mux and transmit machines (IEEE 802.1AX-2020 §6.4).
///
/// No clock and no socket: times are counted from wherever the caller likes.
struct AggregatedPort: Sendable, Hashable {
    /// §6.4.12; a port whose link is up begins as expired.
    enum Receive: Sendable, Hashable { case portDisabled, expired, defaulted, current }
    /// §6.4.15 with coupled control.
    enum Mux: Sendable, Hashable { case detached, waiting, attached, collectingDistributing }

    /// §6.4.4.
    private enum Time {
        static let fastPeriodic = Duration.seconds(1)
        static let slowPeriodic = Duration.seconds(30)
        static let shortTimeout = Duration.seconds(3)
        static let longTimeout = Duration.seconds(90)
        static let aggregateWait = Duration.seconds(2)
    }
    /// In one fast periodic time (§6.4.16).
    private static let mostSent = 3

    private(set) var receive = Receive.portDisabled
    private(set) var mux = Mux.detached
    private(set) var actor: PortInformation
    private(set) var partner: PortInformation
    /// Whether the selection logic wants it in the aggregation.
    var isSelected = false
    private var currentWhile: Duration?
    private var periodic: Duration?
    /// Until when it waits for others to attach together with it.
    private(set) var waitWhile: Duration?
    private var needsToTransmit = false
    private var sent: [Duration] = []

    init(_ actor: PortInformation) {
        self.actor = actor
        partner = Self.nobody
    }

    /// What is taken for the partner while there is none: rarely spoken to, and never in step.
    private static let nobody = PortInformation(
        systemPriority: 0,
        system: MACAddress(bits: 0),
        key: 0,
        portPriority: 0,
        port: 0,
        state: []
    )

    var isLive: Bool { mux == .collectingDistributing }

    /// Whether somebody has spoken since the link came up, or since silence made it forget who.
    var hasHeard: Bool { partner.system != Self.nobody.system }

    /// Which aggregation the other side would have the port in; nil while it has not spoken.
    var aggregation: Aggregation? {
        guard receive == .current || receive == .expired, hasHeard else { return nil }
        let isAlone = !partner.state.contains(.aggregation)
        return Aggregation(
            priority: partner.systemPriority,
            system: partner.system,
            key: partner.key,
            port: isAlone ? partner.port : nil
        )
    }

    /// The partner's side of a link aggregation group's name (§6.3.6).
    struct Aggregation: Hashable, Sendable {
        var priority: UInt16
        var system: MACAddress
        var key: UInt16
        /// Of a port that will not be aggregated.
        var port: UInt16?
    }

    /// When time alone changes something next, but for the wait to attach.
    var deadline: Duration? {
        let next = needsToTransmit ? sent.first.map { $0 + Time.fastPeriodic } : nil
        return [currentWhile, periodic, next].compactMap(\.self).min()
    }

    // MARK: - What happens to it

    mutating func linkUp(at now: Duration) {
        guard receive == .portDisabled else { return }
        expire(at: now)
        needsToTransmit = true
    }

    mutating func linkDown() {
        (receive, isSelected, partner) = (.portDisabled, false, Self.nobody)
        (currentWhile, periodic, waitWhile, needsToTransmit, sent) = (nil, nil, nil, false, [])
        detach()
    }

    /// The link is gone and back before anybody could look.
    mutating func reset(at now: Duration) {
        guard receive != .portDisabled else { return }
        linkDown()
        linkUp(at: now)
    }

    private mutating func expire(at now: Duration) {
        receive = .expired
        partner.state.remove(.synchronization)
        partner.state.insert(.shortTimeout)
        actor.state.insert(.expired)
        currentWhile = now + Time.shortTimeout
    }

    mutating func receive(_ message: LACPDU, at now: Duration) {
        guard receive != .portDisabled else { return }
        receive = .current
        if !message.actor.isSamePort(as: partner) { isSelected = false }
        let heard: PortInformation.State = [.activity, .shortTimeout, .synchronization, .aggregation]
        if !message.partner.isSamePort(as: actor)
            || message.partner.state.intersection(heard) != actor.state.intersection(heard)
        {
            needsToTransmit = true
        }
        // recordPDU (§6.4.9): in step only when it speaks of this port, or cannot be aggregated anyhow.
        let knowsUs = message.partner.isSamePort(as: actor) || !message.actor.state.contains(.aggregation)
        let speaks = message.actor.state.contains(.activity) || message.partner.state.contains(.activity)
        partner = message.actor
        if !knowsUs || !speaks { partner.state.remove(.synchronization) }
        actor.state.subtract([.defaulted, .expired])
        currentWhile = now + (actor.state.contains(.shortTimeout) ? Time.shortTimeout : Time.longTimeout)
    }

    /// Lets the timers run out that are due.
    mutating func advance(to now: Duration) {
        if let limit = currentWhile, now >= limit {
            if receive == .current {
                expire(at: now)
            } else {
                (receive, currentWhile, partner, isSelected) = (.defaulted, nil, Self.nobody, false)
                actor.state.insert(.defaulted)
                actor.state.remove(.expired)
            }
        }
        guard receive != .portDisabled else { return }
        let period = partner.state.contains(.shortTimeout) ? Time.fastPeriodic : Time.slowPeriodic
        if let limit = periodic, now >= limit {
            (periodic, needsToTransmit) = (now + period, true)
        } else {
            // A partner that is in a hurry now is not made to wait for a slow timer.
            periodic = min(periodic ?? now + period, now + period)
        }
    }

    // MARK: - Mux

    /// Whether it would attach now, were all others that wait ready too (§6.4.15, Ready_N).
    func isReady(at now: Duration) -> Bool { waitWhile.map { now >= $0 } ?? true }

    /// Takes the mux machine as far as it goes.
    mutating func couple(allReady: Bool, at now: Duration) {
        if !isSelected {
            if mux != .detached { detach() }
            return
        }
        if mux == .detached { (mux, waitWhile) = (.waiting, now + Time.aggregateWait) }
        if mux == .waiting, allReady, isReady(at: now) {
            (mux, waitWhile, needsToTransmit) = (.attached, nil, true)
            actor.state.insert(.synchronization)
        }
        let isInStep = partner.state.contains(.synchronization)
        if mux == .attached, isInStep {
            (mux, needsToTransmit) = (.collectingDistributing, true)
            actor.state.formUnion([.collecting, .distributing])
        } else if mux == .collectingDistributing, !isInStep {
            (mux, needsToTransmit) = (.attached, true)
            actor.state.subtract([.collecting, .distributing])
        }
    }

    private mutating func detach() {
        (mux, waitWhile) = (.detached, nil)
        actor.state.subtract([.synchronization, .collecting, .distributing])
        if receive != .portDisabled { needsToTransmit = true }
    }

    // MARK: - Transmit

    /// The message that is due; nil when there is none or too many have been sent just now.
    mutating func transmit(at now: Duration) -> LACPDU? {
        guard needsToTransmit, receive != .portDisabled else { return nil }
        sent.removeAll { now - $0 >= Time.fastPeriodic }
        guard sent.count < Self.mostSent else { return nil }
        sent.append(now)
        needsToTransmit = false
        return LACPDU(actor: actor, partner: partner)
    }
}
