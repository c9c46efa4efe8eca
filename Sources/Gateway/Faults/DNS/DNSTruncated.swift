/// An answer too long for a datagram: the client must ask again over TCP (RFC 7766 §5), which firewalls forget to let through.
struct DNSTruncated: DNSFault {
    static let form = FaultForm(
        "dns.truncated",
        "Answers over UDP are cut short (TC): the client has to ask again over TCP"
    )

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ reply: inout DNSReply, to query: DNSQuery, _ turn: Turn) {
        guard reply.transport == .udp, reply.answer != nil, let claim = turn.take() else { return }
        claim.land(["name": query.text])
        reply.answer?.records = []
        reply.answer?.isTruncated = true
    }
}
