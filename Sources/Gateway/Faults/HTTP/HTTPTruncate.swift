import LabModel

/// A download that ends too early, and whether the client can tell.
struct HTTPTruncate: HTTPFault {
    /// What the header says about the length.
    enum Length: String, CaseIterable, Sendable { case good, bad, none }
    enum Ending: String, CaseIterable, Sendable { case fin, reset }

    static let form = FaultForm(
        "http.truncate",
        "A download ends too early",
        [
            FaultForm.Parameter("at", "where in the body: 40%, or bytes such as 4M", example: "60%"),
            FaultForm.Parameter(
                "length",
                "good: the header has the whole length, so the client can tell; bad: that of what comes, so it cannot; "
                    + "none: no length, the body goes on until the connection ends",
                usual: "good"
            ),
            FaultForm.Parameter("ending", "how the connection ends: fin or reset", usual: "fin"),
        ]
    )

    private let place: BodyPlace
    private let length: Length
    private let ending: Flow.Sequel

    init(_ arguments: FaultArguments) throws(FaultError) {
        place = try arguments.place("at")
        length = try arguments.choice("length", Length.self)
        ending = try arguments.choice("ending", Ending.self) == .fin ? .close : .reset
    }

    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {
        let total = delivery.length
        guard let offset = place.offset(in: total), let claim = turn.take() else { return }
        let details: LabEvent.Details = [
            "url": request.url, "at": "\(offset)", "total": total.map(String.init) ?? "?",
        ]
        switch length {
        case .good: break
        case .bad:
            // A header that has left cannot be healed: the body keeps to it.
            claim.land(details)
            delivery.shorten(to: offset)
        case .none: delivery.framing = .connectionEnd
        }
        delivery.flow.mark(.body(offset), turn) { [ending] claim, _ in
            claim.land(details)
            return ending
        }
    }
}
