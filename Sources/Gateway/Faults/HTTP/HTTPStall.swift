import LabModel

/// Not a byte more, and no end either: as a mirror whose disk hangs, or a path whose return way is lost.
struct HTTPStall: HTTPFault {
    static let form = FaultForm(
        "http.stall",
        "A download stops in the middle, with neither an error nor an end",
        [
            FaultForm.Parameter("at", "where in the body: 40%, or bytes such as 4M", example: "40%"),
            FaultForm.Parameter(
                "hold",
                "client: until the client leaves; or a time, then it goes on",
                usual: "client"
            ),
        ]
    )

    private let place: BodyPlace
    private let limit: Duration?

    init(_ arguments: FaultArguments) throws(FaultError) {
        place = try arguments.place("at")
        limit = arguments.text("hold") == "client" ? nil : try arguments.time("hold")
    }

    /// Healed, the transfer goes on where it stopped.
    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {
        let length = delivery.length
        guard let offset = place.offset(in: length), turn.take() != nil else { return }
        delivery.flow.mark(.body(offset), turn) { [limit] claim, moment in
            claim.land(["url": moment.url, "at": "\(offset)", "total": length.map(String.init) ?? "?"])
            await moment.hold(for: claim, atMost: limit)
            return .goOn
        }
    }
}
