/// Which session sequence numbers are still welcome: each once, and none far from the highest (IPMI 2.0 §6.12.13).
package struct SequenceWindow: Hashable, Sendable {
    /// How far a number may be from the highest, either way, in IPMI v2.0.
    package static let reach: UInt32 = 16
    /// The same in IPMI v1.5.
    package static let reachOfVersion15: UInt32 = 8

    package private(set) var highest: UInt32
    /// Bit k: `highest - k` was received, or is older than the session.
    private var seen: UInt32 = .max
    private let reach: UInt32

    /// For a session whose first number comes after that one.
    package init(after number: UInt32 = 0, reach: UInt32 = reach) {
        (highest, self.reach) = (number, reach)
    }

    /// Takes a number, or says that it was here before or is too far away.
    ///
    /// Zero is never a session's number.
    package mutating func accept(_ number: UInt32) -> Bool {
        guard number != 0 else { return false }
        let ahead = number &- highest
        if ahead != 0, ahead <= reach {
            seen = seen << ahead | 1
            highest = number
            return true
        }
        let behind = highest &- number
        guard behind != 0, behind < reach, seen & 1 << behind == 0 else { return false }
        seen |= 1 << behind
        return true
    }
}
