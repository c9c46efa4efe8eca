/// The server ends the handshake with an alert, as one does that has nothing in common with its client.
struct TLSHandshakeFailure: TLSFault {
    static let form = FaultForm("tls.handshake-failure", "The server ends the handshake with an alert")

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ answer: inout TLSAnswer, _ turn: Turn) {
        if turn.take() != nil { answer.alert = .handshakeFailure }
    }
}
