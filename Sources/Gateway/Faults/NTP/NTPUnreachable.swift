/// Questions arrive, answers never come: whoever waits for the time waits for ever.
struct NTPUnreachable: NTPFault {
    static let form = FaultForm(
        "ntp.unreachable",
        "No time server outside answers; whoever waits for one waits for ever"
    )

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ reply: inout NTPReply, _ turn: Turn) {
        guard reply.packet != nil, let claim = turn.take() else { return }
        claim.land([:])
        reply.packet = nil
    }
}
