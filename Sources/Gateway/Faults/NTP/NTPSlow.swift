import LabModel

/// The answer is long under way, in this direction only: half of that becomes an error of the client's clock.
struct NTPSlow: NTPFault {
    static let form = FaultForm(
        "ntp.slow",
        "Answers are late on their way back; a client that believes them is wrong by half of that",
        [FaultForm.Parameter("delay", "how late, such as 500ms", example: "500ms")]
    )

    private let delay: Duration

    init(_ arguments: FaultArguments) throws(FaultError) { delay = try arguments.time("delay") }

    func edit(_ reply: inout NTPReply, _ turn: Turn) {
        guard reply.packet != nil, let claim = turn.take() else { return }
        claim.land([:])
        reply.delays.append(LateReply.Delay(time: delay, claim: claim))
    }
}
