import LabModel

/// The server thinks for a long time before it says anything at all.
struct HTTPSlowHeader: HTTPFault {
    static let form = FaultForm(
        "http.slow-header",
        "The answer begins late, header and all",
        [FaultForm.Parameter("delay", "how late, such as 30s", example: "30s")]
    )

    private let delay: Duration

    init(_ arguments: FaultArguments) throws(FaultError) { delay = try arguments.time("delay") }

    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {
        delivery.flow.mark(.stream(0), turn) { [delay] claim, moment in
            claim.land(["url": moment.url])
            await moment.hold(for: claim, atMost: delay)
            return .goOn
        }
    }
}
