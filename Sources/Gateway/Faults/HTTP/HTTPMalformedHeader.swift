import NIOHTTP1

/// A header that is none: a broken proxy, or something that is no web server at all.
struct HTTPMalformedHeader: HTTPFault {
    enum Part: String, CaseIterable, Sendable {
        case statusLine = "status-line"
        case field
    }

    static let form = FaultForm(
        "http.malformed-header",
        "The answer's header is garbage",
        [
            FaultForm.Parameter(
                "part",
                "status-line: the first line is none; field: a field with a NUL in it",
                usual: "status-line"
            )
        ]
    )

    private let part: Part

    init(_ arguments: FaultArguments) throws(FaultError) { part = try arguments.choice("part", Part.self) }

    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {
        guard let claim = turn.take() else { return }
        claim.land(["url": request.url])
        switch part {
        case .statusLine: delivery.statusLine = "\u{1}\u{2}\u{3} garbage"
        case .field: delivery.headers.add(name: "X-Garbage", value: "\u{0}\u{1}")
        }
        delivery.closes = true
    }
}
