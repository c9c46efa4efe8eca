/// What a Range field asks of a file (RFC 9110 §14.1.2).
enum ByteRange: Hashable, Sendable {
    /// Also for what need not be understood: other units, several ranges, bad syntax (RFC 9110 §14.2).
    case whole
    case part(Range<Int>)
    case unsatisfiable

    init(_ field: String, size: Int) {
        let sides = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        self = .whole
        guard sides.count == 2, sides[0].trimmingBlanks().lowercased() == "bytes" else { return }
        let ends = sides[1].trimmingBlanks().split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return
        }
        switch (ends[0].isEmpty, ends[1].isEmpty) {
        case (true, true): return
        case (true, false):
            // The last so many bytes. More digits than an Int holds are more than any file has.
            let count = min(Int(ends[1]) ?? .max, size)
            self = count == 0 ? .unsatisfiable : .part(size - count..<size)
        case (false, _):
            let first = Int(ends[0]) ?? .max
            let last = ends[1].isEmpty ? .max : Int(ends[1]) ?? .max
            guard first <= last else { return }
            self = first >= size ? .unsatisfiable : .part(first..<min(last, size - 1) + 1)
        }
    }
}
