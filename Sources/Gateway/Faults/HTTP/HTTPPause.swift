import LabModel

/// The transfer stands still at a byte until `hook` has returned: the way to do something in mid-download.
///
/// Not in the catalogue, for what it does is the caller's. The hook runs to its end even when the client leaves or the
/// rule is removed meanwhile; it is cancelled when the gateway stops.
struct HTTPPause: HTTPFault {
    static let form = FaultForm("http.pause", "A download waits in the middle while something else happens")

    private let place: BodyPlace
    private let hook: @Sendable () async -> Void

    init(_ arguments: FaultArguments) throws(FaultError) { throw .noSuchKind(Self.form.name) }

    init(at place: BodyPlace, hook: @escaping @Sendable () async -> Void) {
        (self.place, self.hook) = (place, hook)
    }

    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {
        let length = delivery.length
        guard let offset = place.offset(in: length), turn.take() != nil else { return }
        delivery.flow.mark(.body(offset), turn) { [hook] claim, moment in
            claim.land(["url": moment.url, "at": "\(offset)", "total": length.map(String.init) ?? "?"])
            await hook()
            return .goOn
        }
    }
}
