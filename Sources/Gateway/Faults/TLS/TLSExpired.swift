import Certificates

/// The server's certificate has expired, and clients that look at it leave.
struct TLSExpired: TLSFault {
    static let form = FaultForm("tls.expired", "The server's certificate has expired")

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ answer: inout TLSAnswer, _ turn: Turn) {
        if turn.take() != nil { answer.face.flaw = .expired }
    }
}
