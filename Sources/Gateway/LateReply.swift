import NIOCore

/// What is said to a packet, and what it waits for first.
struct LateReply: Sendable {
    struct Delay: Sendable {
        let time: Duration
        let claim: Claim
    }

    let bytes: ByteBuffer
    var delays: [Delay] = []
    /// What must have happened first, and never takes long.
    var gate: Latch<Void>?

    /// Calls back on the loop when its last delay is over or healed; at once when there is none.
    func whenDue(on loop: any EventLoop, _ act: @escaping @Sendable () -> Void) {
        guard let next = delays.first else {
            guard let gate else { return act() }
            return gate.whenSet { loop.execute(act) }
        }
        let rest = LateReply(bytes: bytes, delays: Array(delays.dropFirst()), gate: gate)
        Hold.wait(next.time, for: next.claim, on: loop) { rest.whenDue(on: loop, act) }
    }
}

extension [LateReply.Delay] {
    /// As the details of an event have it; nil when there is none.
    var inEvents: String? { isEmpty ? nil : reduce(.zero) { $0 + $1.time }.inEvents }
}
