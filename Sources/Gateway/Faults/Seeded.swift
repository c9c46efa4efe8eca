/// Numbers that look random and are the same in every run.
struct Seeded: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    /// The nth of a row from -1 to 1, whichever were asked for before.
    static func swing(_ seed: UInt64, _ number: Int) -> Double {
        var row = Seeded(seed &+ UInt64(truncatingIfNeeded: number) &* 0xD134_2543_DE82_EF95)
        return Double(row.next() >> 11) * 0x1p-52 - 1
    }
}
