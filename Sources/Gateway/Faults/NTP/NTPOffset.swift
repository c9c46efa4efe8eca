import LabModel

/// The time server is sure of a time that is wrong.
struct NTPOffset: NTPFault {
    static let form = FaultForm(
        "ntp.offset",
        "The time server's clock is wrong",
        [FaultForm.Parameter("by", "ahead, or with a minus behind: +2s, -90m, 3650d", example: "-90m")]
    )

    private let offset: Duration

    init(_ arguments: FaultArguments) throws(FaultError) { offset = try arguments.shift("by") }

    func edit(_ reply: inout NTPReply, _ turn: Turn) {
        guard reply.packet != nil, let claim = turn.take() else { return }
        claim.land(["by": "\(offset.inSeconds)"])
        reply.packet?.shift(by: offset)
    }
}
