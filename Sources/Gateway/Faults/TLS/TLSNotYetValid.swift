import Certificates

/// The server's certificate is not valid yet, and clients that look at it leave.
struct TLSNotYetValid: TLSFault {
    static let form = FaultForm("tls.not-yet-valid", "The server's certificate is not valid yet")

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ answer: inout TLSAnswer, _ turn: Turn) {
        if turn.take() != nil { answer.face.flaw = .notYetValid }
    }
}
