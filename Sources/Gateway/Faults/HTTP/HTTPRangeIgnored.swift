import NIOHTTP1

/// Who wants the rest gets all of it: allowed (RFC 9110 §14.2), and a trap for those who append without looking.
struct HTTPRangeIgnored: HTTPFault {
    static let form = FaultForm(
        "http.range-ignored",
        "A request for a part is answered with the whole file (200 instead of 206)"
    )

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ request: inout HTTPRequest, _ turn: Turn) {
        guard request.head.method == .GET, let range = request.head.headers.first(name: "Range"),
            let claim = turn.take()
        else { return }
        claim.land(["url": request.url, "range": range])
        request.head.headers.remove(name: "Range")
    }
}
