import LabModel

/// Bytes come in small pieces: whoever takes one read for one message is wrong now.
struct TCPSlice: FlowFault {
    static let form = FaultForm(
        "tcp.slice",
        "The bytes come in small pieces with pauses between",
        [
            FaultForm.Parameter("size", "bytes of a piece, such as 100", example: "100"),
            FaultForm.Parameter("variation", "by so many more or fewer, at random", usual: "0"),
            FaultForm.Parameter("pause", "between two pieces", usual: "0s"), .seed, .direction,
        ]
    )

    let direction: Flow.Direction
    private let size: Int
    private let variation: Int
    private let pause: Duration
    private let seed: UInt64

    init(_ arguments: FaultArguments) throws(FaultError) {
        direction = try arguments.direction()
        (size, variation) = (try arguments.rate("size"), try arguments.size("variation"))
        (pause, seed) = (try arguments.time("pause"), try arguments.seed())
    }

    func edit(_ flow: inout Flow, _ turn: Turn) {
        guard let claim = turn.take() else { return }
        flow.shape(.slices(count, pause: pause), claim)
    }

    /// Of the nth piece.
    @Sendable func count(_ number: Int) -> Int {
        max(1, size + Int((Double(variation) * Seeded.swing(seed, number)).rounded()))
    }
}
