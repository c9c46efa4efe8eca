/// Nobody is there: the packet filter answers the connection's first packet, as the kernel does where nobody listens.
///
/// Where there is none (a gateway outside a lab), or the gateway itself was addressed, as a proxy, the connection is reset
/// as soon as it stands.
///
/// Each packet that begins a connection is one: that of a client's second family comes at any time behind the first one's,
/// as does its next attempt, and nothing in it tells which of the two it is.
struct HTTPRefuse: ConnectionFault {
    static let form = FaultForm(
        "http.refuse",
        "The connection is refused, as where nobody listens: by host, port and client, not by path; who has IPv6 and IPv4 tries both, and each counts: “the first 2” is one attempt of such a client"
    )

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func refuses(_ turn: Turn) -> Bool {
        guard let claim = turn.take() else { return false }
        claim.land([:])
        return true
    }
}
