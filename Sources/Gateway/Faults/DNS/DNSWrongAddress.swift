import LabModel

/// A name leads to somebody else: an old record in a cache, or a split horizon seen from the wrong side.
struct DNSWrongAddress: DNSFault {
    static let form = FaultForm(
        "dns.wrong-address",
        "A name has the address of somebody else",
        [
            FaultForm.Parameter(
                "address",
                "the wrong one; the usual one is of a network set aside for documentation, where nobody is",
                usual: "192.0.2.1"
            )
        ]
    )

    private let address: IPv4Address

    init(_ arguments: FaultArguments) throws(FaultError) {
        guard let address = IPv4Address(arguments.text("address")) else {
            throw arguments.error(
                "address",
                "“\(arguments.text("address"))” is no IPv4 address",
                example: "192.0.2.1"
            )
        }
        self.address = address
    }

    func edit(_ reply: inout DNSReply, to query: DNSQuery, _ turn: Turn) {
        guard let records = reply.answer?.records, records.contains(where: \.isAddress),
            let claim = turn.take()
        else { return }
        claim.land(["name": query.text, "address": "\(address)"])
        reply.answer?.records = records.map { $0.isAddress ? .address(address.bits) : $0 }
    }
}
