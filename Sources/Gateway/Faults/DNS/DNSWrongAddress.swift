import LabModel

/// A name leads to somebody else: an old record in a cache, or a split horizon seen from the wrong side.
struct DNSWrongAddress: DNSFault {
    static let form = FaultForm(
        "dns.wrong-address",
        "A name has the address of somebody else, and no right one of the other family",
        [
            FaultForm.Parameter(
                "address",
                "the wrong one; the usual one is of a network set aside for documentation, where nobody is",
                usual: "192.0.2.1"
            )
        ]
    )

    private let address: IPAddress

    init(_ arguments: FaultArguments) throws(FaultError) {
        guard let address = IPAddress(arguments.text("address")) else {
            throw arguments.error(
                "address",
                "“\(arguments.text("address"))” is no address",
                example: "192.0.2.1"
            )
        }
        self.address = address
    }

    func edit(_ reply: inout DNSReply, to query: DNSQuery, _ turn: Turn) {
        guard let records = reply.answer?.records, records.contains(where: { $0.address != nil }),
            let claim = turn.take()
        else { return }
        claim.land(["name": query.text, "address": "\(address)"])
        // Who asks for the other family would find the right server.
        let wrong = DNSAnswer.Record.address(address)
        let isAskedFor = records.contains { $0.isIPv4 == wrong.isIPv4 && $0.address != nil }
        reply.answer?.records = records.filter { $0.address == nil } + (isAskedFor ? [wrong] : [])
    }
}
