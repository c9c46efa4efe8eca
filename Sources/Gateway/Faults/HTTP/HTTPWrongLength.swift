import NIOHTTP1

/// A Content-Length that is not the body's.
struct HTTPWrongLength: HTTPFault {
    static let form = FaultForm(
        "http.wrong-length",
        "The Content-Length is too large or too small; the body is whole, and the connection is closed behind it",
        [FaultForm.Parameter("by", "how many bytes too many, or with a minus too few", usual: "1")]
    )

    private let difference: Int

    init(_ arguments: FaultArguments) throws(FaultError) {
        difference = try arguments.number("by", in: -1_000_000_000...1_000_000_000)
        guard difference != 0 else { throw arguments.error("by", "that would be right", example: "-100") }
    }

    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {
        guard let length = delivery.length, length > 0, length + difference >= 0, let claim = turn.take()
        else {
            return
        }
        claim.land(["url": request.url, "said": "\(length + difference)", "total": "\(length)"])
        delivery.headers.replaceOrAdd(name: "Content-Length", value: "\(length + difference)")
        delivery.closes = true
    }
}
