import NIOHTTP1

/// A mirror that has most of it: the index names files that are not there.
struct HTTPMissing: HTTPFault {
    static let form = FaultForm(
        "http.missing",
        "Files are missing from the mirror (404): a partial or half-synchronised one"
    )

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func answer(_ request: HTTPRequest, _ turn: Turn) -> Delivery? {
        guard let claim = turn.take() else { return nil }
        claim.land(["url": request.url])
        return .text(.notFound, "404 Not Found: \(request.target.path)", source: .fault)
    }
}
