import LabModel

extension HTTPFault {
    /// The transfer stands still at a byte until `hook` has returned: the way to do something in mid-download.
    ///
    /// The hook runs to its end even when the client leaves or the rule is removed meanwhile; it is cancelled when
    /// the gateway stops.
    package static func pause(at place: BodyPlace, hook: @escaping @Sendable () async -> Void) -> HTTPFault {
        HTTPFault("http.pause") { delivery, claim in
            let length = delivery.length
            guard let offset = place.offset(in: length), let claim = claim() else { return }
            delivery.mark(offset) { transfer in
                claim.land(["url": transfer.url, "at": "\(offset)", "total": "\(length)"])
                await hook()
            }
        }
    }
}
