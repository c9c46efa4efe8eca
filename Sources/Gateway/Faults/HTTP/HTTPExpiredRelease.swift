import NIOCore
import NIOHTTP1

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

    private static let field = Array("Valid-Until:".utf8)
    private let line: [UInt8]

    init(_ arguments: FaultArguments) throws(FaultError) {
        let date = arguments.text("until")
        guard date.utf8.count < 64, !date.contains(where: \.isNewline) else {
            throw arguments.error("until", "this is no date", example: "Sat, 01 Jan 2000 00:00:00 UTC")
        }
        line = Self.field + Array(" \(date)".utf8)
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
        // An unreadable file is no answer; what is left says so itself.
        delivery.rewrite { bytes in
            let text = expired(bytes)
            if text != bytes { claim.land(["url": request.url]) }
            return text
        }
    }

    private static func isRelease(_ request: HTTPRequest) -> Bool {
        ["InRelease", "Release"].contains(request.target.path.split(separator: "/").last)
    }

    /// The field as it should be; where there was none, it comes before the first one of the file.
    @Sendable func expired(_ text: [UInt8]) -> [UInt8] {
        var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if let index = lines.firstIndex(where: { $0.starts(with: Self.field) }) {
            lines[index] = line[...]
        } else if let index = lines.firstIndex(where: { Self.beginsField($0) }) {
            lines.insert(line[...], at: index)
        }
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }

    /// `Origin: …`, but not the `Hash: …` that comes before a signed text (RFC 9580 §7).
    private static func beginsField(_ line: ArraySlice<UInt8>) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
            return false
        }
        return !line.starts(with: "Hash:".utf8) && !line[..<colon].contains(UInt8(ascii: " "))
    }
}
