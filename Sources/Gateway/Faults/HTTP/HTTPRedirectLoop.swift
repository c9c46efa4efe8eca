import NIOHTTP1

/// A redirection that leads to itself.
struct HTTPRedirectLoop: HTTPFault {
    static let form = FaultForm(
        "http.redirect-loop",
        "The server redirects to the same URL again and again",
        [FaultForm.Parameter("code", "301, 302, 307 or 308", usual: "302")]
    )

    private let status: HTTPResponseStatus

    init(_ arguments: FaultArguments) throws(FaultError) {
        let code = try arguments.number("code", in: 301...308)
        guard [301, 302, 303, 307, 308].contains(code) else {
            throw arguments.error("code", "\(code) redirects nobody", example: "302")
        }
        status = HTTPResponseStatus(statusCode: code)
    }

    /// Relative (RFC 9110 §10.2.2), so that it leads back however the client came here.
    func answer(_ request: HTTPRequest, _ turn: Turn) -> Delivery? {
        guard let claim = turn.take() else { return nil }
        claim.land(["url": request.url])
        var delivery = Delivery.text(status, "Moved to \(request.target.raw)", source: .fault)
        delivery.headers.add(name: "Location", value: request.target.raw)
        return delivery
    }
}
