import LabModel
import NIOHTTP1

/// A mirror in mid-synchronisation: the index is of another moment than the Release file that lists its check sum.
///
/// What apt makes of it: “Hash Sum mismatch”, or “File has unexpected size … Mirror sync in progress?”.
struct HTTPStale: HTTPFault {
    enum Difference: String, CaseIterable, Sendable { case hash, size }

    static let form = FaultForm(
        "http.stale",
        "An index does not belong to the Release file beside it, as while a mirror synchronises: "
            + "one byte of it differs, or its last one is not there yet; Release files themselves stay as they are",
        [FaultForm.Parameter("differs", "in what: hash or size", usual: "hash")]
    )

    private static let releases: Set<Substring> = ["InRelease", "Release", "Release.gpg"]
    /// A mirror of a week ago.
    private static let age = 7 * 86_400

    private let difference: Difference

    init(_ arguments: FaultArguments) throws(FaultError) {
        difference = try arguments.choice("differs", Difference.self)
    }

    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {
        guard let length = delivery.length, length > 1, [.ok, .partialContent].contains(delivery.status),
            let name = request.target.path.split(separator: "/").last, !Self.releases.contains(name),
            let claim = turn.take()
        else { return }
        claim.land(["url": request.url])
        // It is another version, so that nobody takes the two for one.
        delivery.headers.remove(name: "ETag")
        if let date = delivery.headers.first(name: "Last-Modified").flatMap(HTTPDate.init) {
            delivery.headers.replaceOrAdd(
                name: "Last-Modified",
                value: HTTPDate.text(date.seconds - Self.age)
            )
        }
        switch difference {
        case .hash: delivery.flow.change(.body(length / 2), mask: 0x01, claim)
        case .size: delivery.shorten(to: length - 1)
        }
    }
}
