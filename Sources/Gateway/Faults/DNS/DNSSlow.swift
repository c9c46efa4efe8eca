import LabModel

/// The answer comes late, perhaps too late for who asked; other questions do not wait for it.
struct DNSSlow: DNSFault {
    static let form = FaultForm(
        "dns.slow",
        "The name server answers late; clients ask again after 5 s or give up",
        [FaultForm.Parameter("delay", "how late, such as 4s", example: "4s"), .jitter, .seed]
    )

    private let delay: Duration
    private let jitter: Duration
    private let seed: UInt64

    init(_ arguments: FaultArguments) throws(FaultError) {
        (delay, jitter) = (try arguments.time("delay"), try arguments.time("jitter"))
        seed = try arguments.seed()
    }

    func edit(_ reply: inout DNSReply, to query: DNSQuery, _ turn: Turn) {
        guard reply.answer != nil, let claim = turn.take() else { return }
        claim.land(["name": query.text])
        // The question's own number, which its client chose at random.
        let time = max(.zero, delay + jitter * Seeded.swing(seed, Int(query.id)))
        reply.delays.append(LateReply.Delay(time: time, claim: claim))
    }
}
