/// Questions arrive, answers never come.
struct DNSUnreachable: DNSFault {
    static let form = FaultForm("dns.unreachable", "No name server answers; look-ups time out")

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ reply: inout DNSReply, to query: DNSQuery, _ turn: Turn) {
        guard reply.answer != nil, let claim = turn.take() else { return }
        claim.land(["name": query.text])
        reply.answer = nil
    }
}
