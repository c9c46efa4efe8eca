import LabModel

/// A node's clock as read over SSH: somewhere between two moments of the jump host's.
package struct ClockReading: Hashable, Sendable {
    /// What `date +%s.%N` said; whole seconds when the node's `date` knows no better.
    private let earliest: Double
    private let latest: Double
    private let asked: Double
    private let answered: Double

    /// Nil when the text is no time.
    package init?(_ text: String, asked: Double, answered: Double) {
        let parts = text.split(whereSeparator: \.isWhitespace).first?.split(separator: ".") ?? []
        guard let first = parts.first, let seconds = Double(first) else { return nil }
        (self.asked, self.answered) = (asked, answered)
        if parts.count == 2, parts[1].count == 9, let fraction = Double(parts[1]) {
            earliest = seconds + fraction / 1e9
            latest = earliest
        } else {
            (earliest, latest) = (seconds, seconds + 1)
        }
    }

    /// The smallest difference of the clocks that explains the reading, in either direction.
    package var offset: Duration {
        let most = latest - asked, least = earliest - answered
        if least > 0 { return .seconds(least) }
        if most < 0 { return .seconds(most) }
        return .zero
    }
}
