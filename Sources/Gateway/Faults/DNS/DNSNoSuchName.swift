/// The name server is sure that there is no such name: a zone that was not delegated, or a wrong server.
struct DNSNoSuchName: DNSFault {
    static let form = FaultForm("dns.nxdomain", "The name server says that there is no such name (NXDOMAIN)")

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ reply: inout DNSReply, to query: DNSQuery, _ turn: Turn) {
        guard reply.answer != nil, let claim = turn.take() else { return }
        claim.land(["name": query.text])
        reply.answer = DNSAnswer(code: .nameError)
    }
}
