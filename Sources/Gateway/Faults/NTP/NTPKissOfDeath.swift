import LabModel

/// The server wants to be asked less, or not at all (RFC 5905 §7.4).
struct NTPKissOfDeath: NTPFault {
    enum Code: String, CaseIterable, Sendable {
        case rate = "RATE"
        case deny = "DENY"
        case restrict = "RSTR"
    }

    static let form = FaultForm(
        "ntp.kiss-of-death",
        "The time server sends the client away with a kiss code instead of the time",
        [
            FaultForm.Parameter(
                "code",
                "RATE: it asks too often; DENY or RSTR: it is not welcome",
                usual: "RATE"
            )
        ]
    )

    private let code: Code

    init(_ arguments: FaultArguments) throws(FaultError) { code = try arguments.choice("code", Code.self) }

    func edit(_ reply: inout NTPReply, _ turn: Turn) {
        guard reply.packet != nil, let claim = turn.take() else { return }
        claim.land(["code": code.rawValue])
        reply.packet?.leap = .unknown
        reply.packet?.stratum = 0
        reply.packet?.reference = IPv4Address(bits: code.rawValue.utf8.reduce(0) { $0 << 8 | UInt32($1) })
    }
}
