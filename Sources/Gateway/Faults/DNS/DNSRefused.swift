/// The name server does not answer such a client: an access list that forgot a network.
struct DNSRefused: DNSFault {
    static let form = FaultForm("dns.refused", "The name server refuses to answer (REFUSED)")

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ reply: inout DNSReply, to query: DNSQuery, _ turn: Turn) {
        guard reply.answer != nil, let claim = turn.take() else { return }
        claim.land(["name": query.text])
        reply.answer = DNSAnswer(code: .refused)
    }
}
