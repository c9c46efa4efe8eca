import LabModel

/// Bits that flip on the way, behind every check sum but the file's own: bad memory in a mirror or a proxy.
struct HTTPCorrupt: HTTPFault {
    static let form = FaultForm(
        "http.corrupt",
        "Bits of a download flip; its length stays (of an unknown length only with `at`)",
        [
            FaultForm.Parameter("bits", "how many", usual: "1"),
            FaultForm.Parameter(
                "at",
                "anywhere; or a byte of the body: 40%, or bytes such as 4M",
                usual: "anywhere"
            ),
            .seed,
        ]
    )

    private let bits: Int
    private let place: BodyPlace?
    private let seed: UInt64

    init(_ arguments: FaultArguments) throws(FaultError) {
        place = arguments.text("at") == "anywhere" ? nil : try arguments.place("at")
        (bits, seed) = (try arguments.number("bits", in: 1...100_000), try arguments.seed())
    }

    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {
        guard let bytes = bytes(of: delivery.length), let claim = turn.take() else { return }
        for (offset, mask) in flips(in: bytes) { delivery.flow.change(.body(offset), mask: mask, claim) }
    }

    /// Those that may be hit; nil when there is none.
    private func bytes(of length: Int?) -> Range<Int>? {
        guard let place else { return length.flatMap { $0 > 0 ? 0..<$0 : nil } }
        return place.offset(in: length).map { $0..<$0 + 1 }
    }

    /// No bit twice, or it would be right again.
    func flips(in bytes: Range<Int>) -> [(offset: Int, mask: UInt8)] {
        var random = Seeded(seed)
        var hit: Set<Int> = []
        let possible = bytes.count * 8
        while hit.count < min(bits, possible) { hit.insert(Int.random(in: 0..<possible, using: &random)) }
        return hit.sorted().map { (bytes.lowerBound + $0 / 8, 1 << UInt8($0 % 8)) }
    }
}
