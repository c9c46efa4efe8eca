import LabModel

/// A name without an IPv4 address, for who has nothing else.
struct DNSOnlyIPv6: DNSFault {
    static let form = FaultForm(
        "dns.aaaa-only",
        "A name has an IPv6 address only",
        [.ipv6("its address; the usual one leads nowhere (RFC 6666)")]
    )

    private let address: IPv6Address

    init(_ arguments: FaultArguments) throws(FaultError) { address = try arguments.ipv6("address") }

    func edit(_ reply: inout DNSReply, to query: DNSQuery, _ turn: Turn) {
        guard let answer = reply.answer, answer.code == .noError, query.klass == DNS.classInternet else {
            return
        }
        // A name that was found has no error, whatever type was asked for; only one with an address counts here.
        let hasAddress = answer.records.contains(where: \.isIPv4)
        guard hasAddress || query.type == DNS.RecordType.aaaa, let claim = turn.take() else { return }
        claim.land(["name": query.text])
        reply.answer?.records.removeAll { $0.address != nil }
        if query.type != DNS.RecordType.a { reply.answer?.records.append(.address(.v6(address))) }
    }
}
