import Certificates

/// The server's certificate is another server's, and clients that look at it leave.
struct TLSWrongName: TLSFault {
    static let form = FaultForm("tls.wrong-name", "The server's certificate is another server's")

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ answer: inout TLSAnswer, _ turn: Turn) {
        if turn.take() != nil { answer.face.flaw = .wrongName }
    }
}
