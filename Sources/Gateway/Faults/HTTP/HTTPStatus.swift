import NIOHTTP1

/// The server, or something before it, has an error to offer instead.
struct HTTPStatus: HTTPFault {
    static let form = FaultForm(
        "http.status",
        "The server answers with an error",
        [
            FaultForm.Parameter("code", "429, 500, 502, 503, 403, … from 400 to 599", usual: "503"),
            FaultForm.Parameter(
                "retry-after",
                "seconds for the Retry-After field; none: no such field",
                usual: "none"
            ),
        ]
    )

    private let code: Int
    private let pause: Int?

    init(_ arguments: FaultArguments) throws(FaultError) {
        code = try arguments.number("code", in: 400...599)
        pause =
            arguments.text("retry-after") == "none"
            ? nil : try arguments.number("retry-after", in: 0...1_000_000)
    }

    func answer(_ request: HTTPRequest, _ turn: Turn) -> Delivery? {
        guard let claim = turn.take() else { return nil }
        claim.land(["url": request.url, "status": "\(code)"])
        let status = HTTPResponseStatus(statusCode: code)
        var delivery = Delivery.text(status, "\(code) \(status.reasonPhrase)", source: .fault)
        if let pause { delivery.headers.add(name: "Retry-After", value: "\(pause)") }
        return delivery
    }
}
