/// An amount of memory or disk.
package struct Memory: Hashable, Comparable, Sendable, TextCodable {
    package let bytes: UInt64

    package init(bytes: UInt64) { self.bytes = bytes }
    package static func mebibytes(_ count: UInt64) -> Memory { Memory(bytes: count << 20) }
    package static func gibibytes(_ count: UInt64) -> Memory { Memory(bytes: count << 30) }

    /// Reads `512M`, `2GiB`, `4096`; the suffixes K, M, G, T are powers of 1,024.
    package init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = UInt64(digits) else { return nil }
        let shifts: [String: UInt64] = ["": 0, "K": 10, "M": 20, "G": 30, "T": 40]
        let suffix = text.dropFirst(digits.count).trimmingSuffix("iB").trimmingSuffix("B")
        guard let shift = shifts[suffix], number <= UInt64.max >> shift else { return nil }
        bytes = number << shift
    }

    package static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

    /// In the largest unit that leaves a whole number: `512M`, `2G`.
    package var description: String {
        for (shift, unit) in [(40, "T"), (30, "G"), (20, "M"), (10, "K")] as [(UInt64, String)]
        where bytes != 0 && bytes & ((1 << shift) - 1) == 0 {
            return "\(bytes >> shift)\(unit)"
        }
        return "\(bytes)"
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : String(self)
    }
}
