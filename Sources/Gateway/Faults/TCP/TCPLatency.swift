import LabModel

/// Every byte arrives later, and no fewer a second: a long way, not a narrow one.
struct TCPLatency: FlowFault {
    static let form = FaultForm(
        "tcp.latency",
        "Every byte arrives so much later; as many a second as before",
        [
            FaultForm.Parameter("delay", "how much later, such as 200ms", example: "200ms"), .jitter, .seed,
            .direction,
        ]
    )

    let direction: Flow.Direction
    private let delay: Duration
    private let jitter: Duration
    private let seed: UInt64

    init(_ arguments: FaultArguments) throws(FaultError) {
        direction = try arguments.direction()
        (delay, jitter) = (try arguments.time("delay"), try arguments.time("jitter"))
        seed = try arguments.seed()
    }

    func edit(_ flow: inout Flow, _ turn: Turn) {
        guard let claim = turn.take() else { return }
        flow.shape(.delay(late), claim)
    }

    /// Bytes keep their order, so one that would arrive before its predecessor arrives with it.
    @Sendable func late(_ number: Int) -> Duration { max(.zero, delay + jitter * Seeded.swing(seed, number)) }
}
