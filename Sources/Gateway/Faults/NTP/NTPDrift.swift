import LabModel

/// The time server's clock is right when the fault begins and runs away from then on.
struct NTPDrift: NTPFault {
    static let form = FaultForm(
        "ntp.drift",
        "The time server's clock runs too fast or too slowly, from the moment of the fault on",
        [
            FaultForm.Parameter(
                "ppm",
                "microseconds a second too many, or with a minus too few, such as 500",
                example: "500"
            )
        ]
    )

    private let rate: Double
    private let start: NTPTimestamp

    init(_ arguments: FaultArguments) throws(FaultError) {
        try self.init(arguments, start: .now())
    }

    init(_ arguments: FaultArguments, start: NTPTimestamp) throws(FaultError) {
        rate = Double(try arguments.number("ppm", in: -1_000_000...1_000_000_000)) / 1e6
        self.start = start
    }

    func edit(_ reply: inout NTPReply, _ turn: Turn) {
        guard let packet = reply.packet, let claim = turn.take() else { return }
        let offset = Duration.seconds(packet.receiveTime.since(start).inSeconds * rate)
        claim.land(["by": "\(offset.inSeconds)"])
        reply.packet?.shift(by: offset)
    }
}
