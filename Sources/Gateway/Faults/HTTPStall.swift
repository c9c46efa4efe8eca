import LabModel

extension HTTPFault {
    /// Not a byte more, and no end either: as a mirror whose disk hangs, or a path whose return way is lost.
    ///
    /// It lasts for `limit`, or until the rule is removed, and then the transfer goes on where it stopped; or until
    /// the client leaves.
    package static func stall(at place: BodyPlace, for limit: Duration? = nil) -> HTTPFault {
        HTTPFault("http.stall") { delivery, claim in
            let length = delivery.length
            guard let offset = place.offset(in: length), let claim = claim() else { return }
            delivery.mark(offset) { transfer in
                claim.land(["url": transfer.url, "at": "\(offset)", "total": "\(length)"])
                await transfer.hold(for: claim, atMost: limit)
            }
        }
    }
}
