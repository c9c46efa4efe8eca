/// The name server answers that it could not find out.
struct DNSServerFailure: DNSFault {
    static let form = FaultForm("dns.servfail", "The name server says that it failed (SERVFAIL)")

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ reply: inout DNSReply, to query: DNSQuery, _ turn: Turn) {
        guard reply.answer != nil, let claim = turn.take() else { return }
        claim.land(["name": query.text])
        reply.answer = DNSAnswer(code: .serverFailure)
    }
}
