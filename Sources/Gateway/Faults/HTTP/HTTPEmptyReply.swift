/// The server closes without a word.
struct HTTPEmptyReply: HTTPFault {
    static let form = FaultForm("http.empty-reply", "The server closes the connection without a word")

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {
        delivery.flow.mark(.stream(0), turn) { claim, moment in
            claim.land(["url": moment.url])
            return .close
        }
    }
}
