/// The name that somebody probably meant, by the fewest letters to change.
package struct Suggestion {
    /// The nearest of `candidates`, unless even that one is another word altogether.
    package static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
        let limit = max(1, word.count / 3)
        return
            candidates
            .map { (distance(Array(word.lowercased()), Array($0.lowercased())), $0) }
            .filter { $0.0 <= limit || ($0.1.count > 3 && word.lowercased().hasPrefix($0.1.lowercased())) }
            .min { $0 < $1 }?.1
    }

    /// A hint for a word that is none of `candidates`: the nearest, or all when they are few.
    package static func hint(
        for word: String,
        among candidates: some Collection<String>,
        _ what: String
    ) -> String {
        if let nearest = nearest(to: word, in: candidates) { return "did you mean “\(nearest)”?" }
        let shown = candidates.sorted().prefix(16).joined(separator: ", ")
        return candidates.isEmpty
            ? "there is no \(what) here"
            : "use one of: \(shown)" + (candidates.count > 16 ? ", …" : "")
    }

    /// Letters to insert, drop, change or swap with their neighbour (optimal string alignment).
    static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var line = [row + 1]
            for (column, other) in right.enumerated() {
                var best = min(
                    line[column] + 1,
                    last[column + 1] + 1,
                    last[column] + (letter == other ? 0 : 1)
                )
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                line.append(best)
            }
            (beforeLast, last) = (last, line)
        }
        return last[right.count]
    }
}
