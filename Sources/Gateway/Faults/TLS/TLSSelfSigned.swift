import Certificates

/// The server's certificate vouches for itself, and clients that look at it leave.
struct TLSSelfSigned: TLSFault {
    static let form = FaultForm("tls.self-signed", "The server's certificate vouches for itself")

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ answer: inout TLSAnswer, _ turn: Turn) {
        if turn.take() != nil { answer.face.flaw = .selfSigned }
    }
}
