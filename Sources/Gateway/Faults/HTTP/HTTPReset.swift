import LabModel

/// The connection breaks off with RST in mid-download.
struct HTTPReset: HTTPFault {
    static let form = FaultForm(
        "http.reset",
        "A download is reset in the middle; of what left last, some may be lost",
        [FaultForm.Parameter("at", "where in the body: 40%, or bytes such as 4M", usual: "0")]
    )

    private let place: BodyPlace

    init(_ arguments: FaultArguments) throws(FaultError) { place = try arguments.place("at") }

    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {
        let length = delivery.length
        guard let offset = place.offset(in: length), turn.take() != nil else { return }
        delivery.flow.mark(.body(offset), turn) { claim, moment in
            claim.land(["url": moment.url, "at": "\(offset)", "total": length.map(String.init) ?? "?"])
            return .reset
        }
    }
}
