import LabModel

/// Nothing passes, as behind a firewall that forgot the connection; then it is closed, or never.
struct TCPTimeout: FlowFault {
    static let form = FaultForm(
        "tcp.timeout",
        "Nothing passes; after a time the connection is closed",
        [
            FaultForm.Parameter(
                "after",
                "how long until it is closed; 0s: never, it waits until the fault is healed",
                usual: "0s"
            ), .direction,
        ]
    )

    let direction: Flow.Direction
    private let limit: Duration?

    init(_ arguments: FaultArguments) throws(FaultError) {
        direction = try arguments.direction()
        let after = try arguments.time("after")
        limit = after == .zero ? nil : after
    }

    /// Healed, what was held back passes.
    func edit(_ flow: inout Flow, _ turn: Turn) {
        flow.mark(.stream(0), turn) { [limit] claim, moment in
            claim.land(["url": moment.url])
            return await moment.hold(for: claim, atMost: limit) == .elapsed ? .close : .goOn
        }
    }
}
