/// A release file on its way, which gets another Valid-Until; where it has none, that comes before its first field.
///
/// No more of it is held than its first fields, or a line.
struct ExpiringText: Sendable {
    private enum Stage {
        /// What a signed text begins with (RFC 9580 §7).
        case preamble
        /// Those that may have the date among them: held back.
        case fields
        case rest
    }

    static let field = Array("Valid-Until:".utf8)
    private static let newline = UInt8(ascii: "\n")
    /// Longer fields, and lines, are none of a release file's.
    private static let limit = 64 << 10

    private let line: [UInt8]
    private var stage = Stage.preamble
    private var held: [UInt8] = []
    private var pending: [UInt8] = []
    /// What comes goes on with a line that was too long to be held.
    private var isInLine = false
    private(set) var isChanged = false

    /// `line` is the whole field.
    init(_ line: [UInt8]) { self.line = line }

    /// What can go on of it.
    mutating func take(_ piece: some Collection<UInt8>) -> [UInt8] {
        var edited: [UInt8] = []
        edited.reserveCapacity(piece.count + pending.count)
        var rest = piece[...]
        while let end = rest.firstIndex(of: Self.newline) {
            let next = rest.index(after: end)
            pending += rest[..<next]
            rest = rest[next...]
            pass(to: &edited)
            isInLine = false
        }
        pending += rest
        if pending.count > Self.limit {
            pass(to: &edited)
            isInLine = true
        }
        return edited
    }

    /// What was held back, at its end.
    mutating func finish() -> [UInt8] {
        var edited: [UInt8] = []
        if !pending.isEmpty { pass(to: &edited) }
        if case .fields = stage { insert(to: &edited) }
        return edited
    }

    /// A line, or as much of it as there is.
    private mutating func pass(to edited: inout [UInt8]) {
        defer { pending = [] }
        if !isInLine, pending.starts(with: Self.field) {
            let changed = pending.last == Self.newline ? line + [Self.newline] : line
            if changed != pending { isChanged = true }
            edited += held + changed
            (held, stage) = ([], .rest)
            return
        }
        switch stage {
        case .preamble where !isInLine && Self.beginsField(pending): (held, stage) = (pending, .fields)
        case .fields where !isInLine && Self.beginsField(pending) && held.count <= Self.limit:
            held += pending
        case .fields:
            insert(to: &edited)
            edited += pending
        case .preamble, .rest: edited += pending
        }
    }

    private mutating func insert(to edited: inout [UInt8]) {
        edited += line + [Self.newline] + held
        (held, stage, isChanged) = ([], .rest, true)
    }

    /// `Origin: …`, but not the `Hash: …` that comes before a signed text.
    private static func beginsField(_ line: [UInt8]) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return false }
        return !line.starts(with: "Hash:".utf8) && !line[..<colon].contains(UInt8(ascii: " "))
    }
}
