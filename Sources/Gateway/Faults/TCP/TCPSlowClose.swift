import LabModel

/// The end comes late: a server that holds its connections open, or a firewall that swallows the first FIN.
///
/// On a connection that speaks HTTP each answer has an end, behind which the next one waits.
struct TCPSlowClose: FlowFault {
    static let form = FaultForm(
        "tcp.slow-close",
        "Everything arrives, but the connection's end (or its next HTTP answer) comes so much later",
        [FaultForm.Parameter("delay", "how much later, such as 5s", example: "5s"), .direction]
    )

    let direction: Flow.Direction
    private let delay: Duration

    init(_ arguments: FaultArguments) throws(FaultError) {
        (direction, delay) = (try arguments.direction(), try arguments.time("delay"))
    }

    func edit(_ flow: inout Flow, _ turn: Turn) {
        flow.mark(.end, turn) { [delay] claim, moment in
            claim.land(["url": moment.url])
            await moment.hold(for: claim, atMost: delay)
            return .goOn
        }
    }
}
