import LabModel

/// No packet to a name's IPv6 address ever arrives: a half-configured network.
struct DNSIPv6Blackhole: DNSFault {
    static let form = FaultForm(
        "dns.ipv6-blackhole",
        "The IPv6 address of a name leads nowhere, its IPv4 address does: who has IPv6 and prefers it waits in vain",
        [.ipv6("where it leads; usually to what routers discard (RFC 6666)")]
    )

    private let address: IPv6Address

    init(_ arguments: FaultArguments) throws(FaultError) { address = try arguments.ipv6("address") }

    func edit(_ reply: inout DNSReply, to query: DNSQuery, _ turn: Turn) {
        guard query.type == DNS.RecordType.aaaa, query.klass == DNS.classInternet,
            reply.answer?.code == .noError, let claim = turn.take()
        else { return }
        claim.land(["name": query.text])
        reply.answer?.records.removeAll(where: \.isIPv6)
        reply.answer?.records.append(.address(.v6(address)))
    }
}

extension FaultForm.Parameter {
    static func ipv6(_ summary: String) -> Self { Self("address", summary, usual: "100::1") }
}

extension FaultArguments {
    func ipv6(_ name: String) throws(FaultError) -> IPv6Address {
        guard let address = IPv6Address(text(name)) else {
            throw error(name, "“\(text(name))” is no IPv6 address", example: "100::1")
        }
        return address
    }
}
