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
            + "one byte of it differs, or its last one is not there yet (of a known length only); "
            + "Release files themselves stay as they are",
        [FaultForm.Parameter("differs", "in what: hash or size", usual: "hash")]
    )

    private static let releases: Set<Substring> = ["InRelease", "Release", "Release.gpg"]
    /// A mirror of a week ago.
    private static let age = 7 * 86_400

    private let difference: Difference

    init(_ arguments: FaultArguments) throws(FaultError) {
        difference = try arguments.choice("differs", Difference.self)
    }

    /// Whoever has the file in another version is not told that it still holds.
    func edit(_ request: inout HTTPRequest, _ turn: Turn) {
        if !Self.isRelease(request) { request.forgetVersions() }
    }

    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {
        guard delivery.length != 0, [.ok, .partialContent].contains(delivery.status),
            !Self.isRelease(request), let part = ContentRange(delivery)
        else { return }
        switch difference {
        case .hash:
            // The same byte for whoever asks for parts; of an unknown length the first one.
            let offset = (part.total ?? 0) / 2 - part.start
            guard offset >= 0, offset < delivery.length ?? .max, let claim = turn.take() else { return }
            delivery.flow.change(.body(offset), mask: 0x01, claim)
        case .size:
            guard let length = delivery.length, length > 1, let total = part.total,
                part.start + length == total, let claim = turn.take()
            else { return }
            claim.land(["url": request.url])
            delivery.shorten(to: length - 1)
            if delivery.status == .partialContent {
                delivery.headers.replaceOrAdd(
                    name: "Content-Range",
                    value: "bytes \(part.start)-\(total - 2)/\(total - 1)"
                )
            }
        }
        // It is another version, so that nobody takes the two for one.
        delivery.headers.remove(name: "ETag")
        if let date = delivery.headers.first(name: "Last-Modified").flatMap(HTTPDate.init) {
            delivery.headers.replaceOrAdd(
                name: "Last-Modified",
                value: HTTPDate.text(date.seconds - Self.age)
            )
        }
    }

    private static func isRelease(_ request: HTTPRequest) -> Bool {
        request.target.path.split(separator: "/").last.map { releases.contains($0) } ?? true
    }

    /// Where the bytes of an answer belong in the whole file (RFC 9110 §14.4).
    private struct ContentRange {
        var start = 0
        /// Nil when nobody knows.
        var total: Int?

        /// Nil when an answer with a part does not say which.
        init?(_ delivery: Delivery) {
            guard delivery.status == .partialContent else {
                total = delivery.length
                return
            }
            let words = delivery.headers.first(name: "Content-Range")?.split(whereSeparator: {
                " -/".contains($0)
            })
            guard let words, words.count == 4, words[0] == "bytes", let start = Int(words[1]),
                let total = Int(words[3])
            else { return nil }
            (self.start, self.total) = (start, total)
        }
    }
}
