/// A narrow line: so many bytes a second and no more.
struct TCPBandwidth: FlowFault {
    static let form = FaultForm(
        "tcp.bandwidth",
        "So many bytes a second pass and no more",
        [FaultForm.Parameter("rate", "bytes a second, such as 64K", example: "64K"), .direction]
    )

    let direction: Flow.Direction
    private let rate: Int

    init(_ arguments: FaultArguments) throws(FaultError) {
        (direction, rate) = (try arguments.direction(), try arguments.rate("rate"))
    }

    func edit(_ flow: inout Flow, _ turn: Turn) {
        guard let claim = turn.take() else { return }
        flow.shape(.rate(rate), claim)
    }
}
