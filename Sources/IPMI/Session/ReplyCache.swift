/// What was done of late for one session, so that a repeated request is answered again but not done again.
///
/// A console repeats a request when the answer is late; the repetition has the same number (rqSeq) and content in
/// a packet of its own (IPMI 2.0 §5.5 and §6.12.13). Only requests that change something are kept: for all others
/// a fresh answer is as good.
struct ReplyCache: Sendable {
    enum State: Sendable {
        case pending(Ticket)
        case done(CompletionCode, [UInt8], at: Duration)
    }

    private struct Entry: Sendable {
        var request: Request
        var packet: UInt32
        var state: State

        var isPending: Bool {
            if case .pending = state { true } else { false }
        }
    }

    private var entries: [Entry] = []

    /// No console has that many requests under way.
    private static let capacity = 8
    /// No console waits that long between repetitions.
    private static let lifetime: Duration = .seconds(10)
    /// rqSeq has six bits: the same number this many packets later is a new request.
    private static let reuse: UInt32 = 32

    /// What became of that request, if it was received before; `packet` is the number of the packet it came in.
    func state(of request: Request, packet: UInt32, at now: Duration) -> State? {
        entries.last { entry in
            // Either way: a repetition may overtake the original.
            let distance = Int32(bitPattern: packet &- entry.packet).magnitude
            guard entry.request == request, distance < Self.reuse else { return false }
            return switch entry.state {
            case .pending: true
            case .done(_, _, let time): now - time < Self.lifetime
            }
        }?.state
    }

    mutating func keep(_ request: Request, packet: UInt32, _ state: State) {
        if entries.count >= Self.capacity, let oldest = entries.firstIndex(where: { !$0.isPending }) {
            entries.remove(at: oldest)
        }
        entries.append(Entry(request: request, packet: packet, state: state))
    }

    mutating func finish(_ ticket: Ticket, _ completion: CompletionCode, at now: Duration) {
        for index in entries.indices {
            guard case .pending(ticket) = entries[index].state else { continue }
            entries[index].state = .done(completion, [], at: now)
        }
    }
}
