/// The server is so old that it speaks TLS 1.0 and 1.1 alone.
struct TLSVersion: TLSFault {
    static let form = FaultForm(
        "tls.version",
        "The server speaks TLS 1.0 and 1.1 alone, which clients refuse"
    )

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ answer: inout TLSAnswer, _ turn: Turn) {
        if turn.take() != nil { answer.face.isOutdated = true }
    }
}
