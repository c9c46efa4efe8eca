/// A server that has little to give for each: so many bytes a second.
struct HTTPSlow: HTTPFault {
    static let form = FaultForm(
        "http.slow",
        "An answer comes with so many bytes a second",
        [FaultForm.Parameter("rate", "bytes a second, such as 64K", example: "64K")]
    )

    private let rate: Int

    init(_ arguments: FaultArguments) throws(FaultError) { rate = try arguments.rate("rate") }

    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {
        guard delivery.length != 0, let claim = turn.take() else { return }
        delivery.flow.shape(.rate(rate), claim)
    }
}
