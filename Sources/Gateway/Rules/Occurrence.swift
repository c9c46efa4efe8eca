/// Which of the requests that a rule matches it bites.
///
/// Only those count that give the fault something to act on: a stall at byte 1,000 does not count a body of 10 bytes.
package enum Occurrence: Hashable, Sendable, Codable {
    case always
    /// The first so many, of each client or of all together.
    case first(Int, perClient: Bool)
    /// Only this one, counted from 1.
    case nth(Int, perClient: Bool)
    /// Every so many: 3 bites the third, the sixth, …
    case every(Int, perClient: Bool)
    /// That part of them, from 0 to 1; which ones follows from the seed, the client and the request's place in the order.
    case probability(Double, seed: UInt64)

    package var isPerClient: Bool {
        switch self {
        case .always: false
        case .first(_, let perClient), .nth(_, let perClient), .every(_, let perClient): perClient
        case .probability: true
        }
    }

    /// Whether it bites the request that is this one in the order of those it counts, from 1.
    func bites(_ number: Int, of client: String?) -> Bool {
        switch self {
        case .always: true
        case .first(let limit, _): number <= limit
        case .nth(let wanted, _): number == wanted
        case .every(let step, _): number.isMultiple(of: max(1, step))
        case .probability(let part, let seed):
            Double(Self.hash(seed, client ?? "", number) >> 11) * 0x1p-53 < part
        }
    }

    /// FNV-1a, then the finisher of SplitMix64: the same in every run, and even in its upper bits.
    private static func hash(_ seed: UInt64, _ client: String, _ number: Int) -> UInt64 {
        var bits = client.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        bits = bits &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }
}
