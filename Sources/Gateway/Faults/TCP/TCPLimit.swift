/// So many bytes pass, then the connection is closed: a quota, or a proxy with a limit.
struct TCPLimit: FlowFault {
    static let form = FaultForm(
        "tcp.limit",
        "The connection is closed when so many bytes have passed",
        [FaultForm.Parameter("bytes", "how many, a header included, such as 4M", example: "4M"), .direction]
    )

    let direction: Flow.Direction
    private let limit: Int

    init(_ arguments: FaultArguments) throws(FaultError) {
        (direction, limit) = (try arguments.direction(), try arguments.size("bytes"))
    }

    func edit(_ flow: inout Flow, _ turn: Turn) {
        flow.mark(.stream(limit), turn) { [limit] claim, moment in
            claim.land(["url": moment.url, "at": "\(limit)"])
            return .close
        }
    }
}
