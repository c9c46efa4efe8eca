/// Which session sequence numbers are still welcome: each once, and none far from the highest (IPMI 2.0 §6.12.13).
package struct SequenceWindow: Hashable, Sendable {
    /// How far a number may be from the highest, either way.
    package static let reach: UInt32 = 16

    package private(set) var highest: UInt32 = 0
    /// Bit k: `highest - k` was received.
    private var seen: UInt32 = 1

    package init() {}

    /// Takes a number, or says that it was here before or is too far away.
    ///
    /// Zero is never a session's number.
    package mutating func accept(_ number: UInt32) -> Bool {
        guard number != 0 else { return false }
        let ahead = number &- highest
        if ahead != 0, ahead <= Self.reach {
            seen = seen << ahead | 1
            highest = number
            return true
        }
        let behind = highest &- number
        guard behind != 0, behind < Self.reach, seen & 1 << behind == 0 else { return false }
        seen |= 1 << behind
        return true
    }
}
