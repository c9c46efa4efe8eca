/// Nobody is there: the connection is reset as soon as it stands.
///
/// A listening socket cannot answer SYN with RST, so the client sees the connection stand for a moment.
struct HTTPRefuse: ConnectionFault {
    static let form = FaultForm(
        "http.refuse",
        "The connection is reset as soon as it stands, before a byte is read: by host, port and client, not by path"
    )

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func refuses(_ turn: Turn) -> Bool {
        guard let claim = turn.take() else { return false }
        claim.land([:])
        return true
    }
}
