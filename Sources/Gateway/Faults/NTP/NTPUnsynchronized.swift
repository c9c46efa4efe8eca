import LabModel

/// A time server that has not found the time itself: stratum 16, leap indicator 3 (RFC 5905 §7.3).
struct NTPUnsynchronized: NTPFault {
    static let form = FaultForm(
        "ntp.unsynchronized",
        "The time server says that its own clock is not set; clients do not follow it"
    )

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func edit(_ reply: inout NTPReply, _ turn: Turn) {
        guard reply.packet != nil, let claim = turn.take() else { return }
        claim.land([:])
        reply.packet?.leap = .unknown
        reply.packet?.stratum = 16
        reply.packet?.reference = IPv4Address(bits: 0)
        reply.packet?.referenceTime = NTPTimestamp(bits: 0)
    }
}
