/// Nobody is there: the packet filter answers the connection's first packet, as the kernel does where nobody listens.
///
/// Where there is none (a gateway outside a lab), or the gateway itself was addressed, as a proxy, the connection is reset
/// as soon as it stands.
struct HTTPRefuse: ConnectionFault {
    static let form = FaultForm(
        "http.refuse",
        "The connection is refused, as where nobody listens: by host, port and client, not by path"
    )

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func refuses(_ turn: Turn) -> Bool {
        guard let claim = turn.take() else { return false }
        claim.land([:])
        return true
    }
}
