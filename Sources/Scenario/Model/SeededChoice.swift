/// Chance that is the same in every run with one seed, whatever else is chosen and when.
struct SeededChoice: RandomNumberGenerator {
    private var state: UInt64

    /// A stream of its own for each label: a fault added to a scenario changes nobody else's choices.
    init(seed: UInt64, label: String) {
        state = 0xCBF2_9CE4_8422_2325 ^ seed
        for byte in label.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// `count` of the items, in their own order.
    mutating func pick<Item>(_ count: Int, of items: [Item]) -> [Item] {
        var indices = Array(items.indices)
        // Written out, because the standard library may change how its shuffle draws.
        for last in indices.indices.dropFirst().reversed() {
            indices.swapAt(last, Int(next() % UInt64(last + 1)))
        }
        return indices.prefix(count).sorted().map { items[$0] }
    }
}
