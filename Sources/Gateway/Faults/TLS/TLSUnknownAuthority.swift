import Certificates

/// The server's certificate is from an authority that nobody trusts, and clients that look at it leave.
struct TLSUnknownAuthority: TLSFault {
    static let form = FaultForm(
        "tls.unknown-ca",
        "The server's certificate is from an authority that nobody trusts"
    )

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ answer: inout TLSAnswer, _ turn: Turn) {
        if turn.take() != nil { answer.face.flaw = .unknownAuthority }
    }
}
