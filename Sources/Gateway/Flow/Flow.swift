import LabModel
import NIOCore

/// How bytes travel in one direction, as faults have edited it: a value, carried out by a `Pump`.
package struct Flow: Sendable {
    /// Seen from the client: an answer comes down, a question goes up.
    package enum Direction: String, Sendable, CaseIterable { case down, up }

    /// A place in the stream.
    enum Place: Hashable, Sendable {
        /// So many bytes behind the first one, a header included.
        case stream(Int)
        /// So many bytes of the body behind its first one; in a stream without header the same as `stream`.
        case body(Int)
        /// Behind the last byte.
        case end
    }

    /// What follows something that happened between two bytes.
    enum Sequel: Sendable {
        case goOn
        /// The connection ends as a program ends it: what was sent arrives, then FIN.
        case close
        /// The connection ends as a program that died, or a firewall, ends it: RST, and what was under way is lost.
        case reset
    }

    /// Something that happens between two bytes: exactly those before `place` have left when it begins.
    struct Mark: Sendable {
        let place: Place
        /// Taken when the place is reached, unless it was before.
        let turn: Turn
        let act: @Sendable (Claim, Pump.Moment) async -> Sequel
    }

    /// How the bytes are held up, for as long as the claim's rule is not healed.
    struct Shaper: Sendable {
        enum Kind: Sendable {
            /// Each byte arrives so much later, which slows nothing down; by the number of the piece that it is in.
            case delay(@Sendable (_ number: Int) -> Duration)
            /// Bytes a second.
            case rate(Int)
            /// Pieces of at most so many bytes, each so long after the one before.
            case slices(@Sendable (_ number: Int) -> Int, pause: Duration)
        }
        let claim: Claim
        let kind: Kind
    }

    /// A byte that arrives as another one.
    struct Change: Sendable {
        let place: Place
        /// The bits that differ.
        let mask: UInt8
        let claim: Claim
    }

    private(set) var marks: [Mark] = []
    private(set) var shapers: [Shaper] = []
    private(set) var changes: [Change] = []

    /// Nothing was edited.
    var isPlain: Bool { marks.isEmpty && shapers.isEmpty && changes.isEmpty }

    /// Whether bytes are late, so that more come in while some still wait.
    var isDelayed: Bool {
        shapers.contains { shaper in
            if case .delay = shaper.kind { true } else { false }
        }
    }

    /// Marks of one place act in the order in which they were set; none does once its rule is healed.
    mutating func mark(
        _ place: Place,
        _ turn: Turn,
        _ act: @escaping @Sendable (Claim, Pump.Moment) async -> Sequel
    ) {
        marks.append(Mark(place: place, turn: turn, act: act))
    }

    mutating func shape(_ kind: Shaper.Kind, _ claim: Claim) {
        shapers.append(Shaper(claim: claim, kind: kind))
    }

    mutating func change(_ place: Place, mask: UInt8, _ claim: Claim) {
        changes.append(Change(place: place, mask: mask, claim: claim))
    }
}
