import LabModel

/// The connection breaks off with RST: the other end's program died, or something between has had enough.
struct TCPReset: FlowFault {
    static let form = FaultForm(
        "tcp.reset",
        "The connection is reset; what is under way may be lost",
        [
            FaultForm.Parameter("at", "behind so many bytes, a header included, such as 4M", usual: "0"),
            FaultForm.Parameter("after", "so long after them, in which nothing passes", usual: "0s"),
            .direction,
        ]
    )

    let direction: Flow.Direction
    private let offset: Int
    private let delay: Duration

    init(_ arguments: FaultArguments) throws(FaultError) {
        direction = try arguments.direction()
        (offset, delay) = (try arguments.size("at"), try arguments.time("after"))
    }

    func edit(_ flow: inout Flow, _ turn: Turn) {
        flow.mark(.stream(offset), turn) { [offset, delay] claim, moment in
            claim.land(["url": moment.url, "at": "\(offset)"])
            guard delay > .zero else { return .reset }
            return await moment.hold(for: claim, atMost: delay) == .elapsed ? .reset : .goOn
        }
    }
}
