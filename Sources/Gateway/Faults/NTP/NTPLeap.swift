/// A leap second is announced for the end of the day, and need not come.
struct NTPLeap: NTPFault {
    enum Second: String, CaseIterable, Sendable { case insert, delete }

    static let form = FaultForm(
        "ntp.leap",
        "The time server announces a leap second for the end of the day",
        [FaultForm.Parameter("second", "insert: the last minute has 61; delete: it has 59", usual: "insert")]
    )

    private let second: Second

    init(_ arguments: FaultArguments) throws(FaultError) {
        second = try arguments.choice("second", Second.self)
    }

    func edit(_ reply: inout NTPReply, _ turn: Turn) {
        guard reply.packet != nil, let claim = turn.take() else { return }
        claim.land(["second": second.rawValue])
        reply.packet?.leap = second == .insert ? .lastMinuteHas61 : .lastMinuteHas59
    }
}
