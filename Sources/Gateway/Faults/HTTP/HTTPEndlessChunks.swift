import NIOHTTP1

/// A body in chunks whose last one never comes: a program that died while it made the answer up.
struct HTTPEndlessChunks: HTTPFault {
    static let form = FaultForm(
        "http.chunked-without-end",
        "A body comes in chunks, and the connection is closed before the chunk that says it is over"
    )

    init(_ arguments: FaultArguments) throws(FaultError) {}

    /// HTTP/1.0 has no chunks.
    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {
        guard delivery.length != 0, request.head.version == .http1_1, turn.take() != nil else { return }
        delivery.framing = .chunked
        delivery.flow.mark(.end, turn) { claim, moment in
            claim.land(["url": moment.url])
            return .close
        }
    }
}
