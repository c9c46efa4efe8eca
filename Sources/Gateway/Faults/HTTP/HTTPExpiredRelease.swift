import NIOCore
import NIOHTTP1
import Synchronization

/// A mirror that nobody has updated for long: apt takes no Release file whose Valid-Until has passed.
///
/// Its signature covers that date, so the signature of a signed one does not verify any more, which apt looks at first.
/// That a mirror's key has expired cannot be shown from here, for nobody else can sign with it: a clock beyond its end
/// can (`ntp.offset`).
struct HTTPExpiredRelease: HTTPFault {
    static let form = FaultForm(
        "http.expired-signature",
        "The Release and InRelease files of an apt mirror are past their Valid-Until (and a signature over them does not verify)",
        [
            FaultForm.Parameter(
                "until",
                "the date, as such files have it",
                usual: "Sat, 01 Jan 2000 00:00:00 UTC"
            )
        ]
    )

    /// The field as it should be.
    private let line: [UInt8]

    init(_ arguments: FaultArguments) throws(FaultError) {
        let date = arguments.text("until")
        guard date.utf8.count < 64, !date.contains(where: \.isNewline) else {
            throw arguments.error("until", "this is no date", example: "Sat, 01 Jan 2000 00:00:00 UTC")
        }
        line = ExpiringText.field + Array(" \(date)".utf8)
    }

    /// Whoever has it already gets it once more.
    func edit(_ request: inout HTTPRequest, _ turn: Turn) {
        guard Self.isRelease(request) else { return }
        request.forgetVersions()
        request.head.headers.remove(name: "Range")
    }

    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {
        guard Self.isRelease(request), delivery.status == .ok, delivery.length != 0, let claim = turn.take()
        else { return }
        delivery.headers.remove(name: "ETag")
        let text = Mutex(ExpiringText(line))
        delivery.rewrite { piece in
            let (edited, isChanged) = text.withLock { text in
                (piece.map { text.take($0.readableBytesView) } ?? text.finish(), text.isChanged)
            }
            if isChanged { claim.land(["url": request.url]) }
            return ByteBuffer(bytes: edited)
        }
    }

    private static func isRelease(_ request: HTTPRequest) -> Bool {
        ["InRelease", "Release"].contains(request.target.path.split(separator: "/").last)
    }
}
