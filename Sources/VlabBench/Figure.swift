import Foundation

/// A figure, its floor in the same run, and what was promised.
struct Figure: Codable, Sendable {
    enum Unit: String, Codable, Sendable {
        case seconds, microseconds, mebibytes, kibibytes, perSecond, count, percent
    }

    var what: String
    var value: Double
    var unit: Unit
    /// The same by the simplest means there are; nil when there is nothing to compare with.
    var floor: Double?
    /// What the floor is.
    var floorIs: String?
    /// The same of others who do such a thing, by name.
    var peers: [String: Double] = [:]
    var target: String
    /// Nil when nothing was promised.
    var isMet: Bool?
    /// Every value that the figure is the median of, in order.
    var runs: [Double] = []
    /// What a reader must know to judge it.
    var notes: [String] = []

    var ratio: Double? { floor.flatMap { $0 > 0 ? value / $0 : nil } }

    /// How often the others' is in this one, or this one in theirs where less is better.
    var comparison: String? {
        let parts = peers.sorted { $0.key < $1.key }.map { name, other in
            let times = unit == .perSecond ? value / other : other / value
            return "\(name): \(text(other)), "
                + String(format: "%.1f times \(unit == .perSecond ? "less" : "more")", times)
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    var line: String {
        let parts = ["  \(what): \(text(value))", floor.map { "floor \(text($0))" }, verdict]
        return parts.compactMap(\.self).joined(separator: ", ")
    }

    var verdict: String {
        switch isMet {
        case true?: "met"
        case false?: "MISSED"
        case nil: "–"
        }
    }

    func text(_ value: Double) -> String {
        switch unit {
        case .seconds: String(format: value < 0.1 ? "%.3f s" : "%.2f s", value)
        case .microseconds: String(format: "%.0f µs", value)
        case .mebibytes: String(format: "%.1f MB", value)
        case .kibibytes: String(format: "%.1f KB", value)
        case .perSecond: String(format: "%.0f/s", value)
        case .count: String(format: "%.0f", value)
        case .percent: String(format: "%.2f %%", value)
        }
    }
}

extension [Double] {
    /// The middle one, or the mean of the two in the middle.
    var median: Double {
        guard !isEmpty else { return .nan }
        let (sorted, middle) = (self.sorted(), count / 2)
        return count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
