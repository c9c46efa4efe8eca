/// A limit of a sensor, by its bit in threshold masks (IPMI 2.0 §35.8).
package enum Threshold: Int, Sendable, CaseIterable {
    case lowerNonCritical, lowerCritical, lowerNonRecoverable
    case upperNonCritical, upperCritical, upperNonRecoverable

    package var isUpper: Bool { rawValue >= Self.upperNonCritical.rawValue }
    package var isCritical: Bool { self != .lowerNonCritical && self != .upperNonCritical }

    var bit: UInt8 { 1 << UInt8(rawValue) }
    /// The offset of the event that the limit was crossed on the way to the worse (IPMI 2.0 §42.1, Table 42-2).
    var offset: UInt8 { UInt8(rawValue) * 2 + (isUpper ? 1 : 0) }

    init?(offset: UInt8) {
        guard let limit = Self(rawValue: Int(offset) / 2), limit.offset == offset else { return nil }
        self = limit
    }

    /// Such as `upper critical`.
    package var name: String {
        let kind =
            switch self {
            case .lowerNonCritical, .upperNonCritical: "non-critical"
            case .lowerCritical, .upperCritical: "critical"
            case .lowerNonRecoverable, .upperNonRecoverable: "non-recoverable"
            }
        return (isUpper ? "upper " : "lower ") + kind
    }
}

/// The limits of a sensor, as raw readings, and which of them it has.
struct Thresholds: Sendable, Hashable {
    /// Which there are.
    let mask: UInt8
    private var values: [UInt8]

    init(_ limits: [Threshold: UInt8]) {
        mask = limits.keys.reduce(0) { $0 | $1.bit }
        values = Threshold.allCases.map { limits[$0] ?? 0 }
    }

    /// Nil for a limit that the sensor lacks.
    subscript(limit: Threshold) -> UInt8? { mask & limit.bit == 0 ? nil : values[limit.rawValue] }

    /// Lower before upper, and none before any worse one (IPMI 2.0 §35.9).
    var bytes: [UInt8] { [mask] + values }

    /// Takes those of `new` that `selected` has a bit for.
    mutating func set(_ selected: UInt8, _ new: ArraySlice<UInt8>) {
        for (limit, value) in zip(Threshold.allCases, new) where selected & limit.bit != 0 {
            values[limit.rawValue] = value
        }
    }

    /// The limits that a reading is at or beyond (IPMI 2.0 §35.14).
    func comparison(_ reading: UInt8) -> UInt8 {
        crossed(reading, since: 0, hysteresis: (0, 0))
    }

    /// The limits that are crossed once those of `before` are: who was beyond stays so until the reading is back by
    /// more than the hysteresis (IPMI 2.0 §42.1 and §35.6).
    func crossed(
        _ reading: UInt8,
        since before: UInt8,
        hysteresis: (positive: UInt8, negative: UInt8)
    ) -> UInt8 {
        Threshold.allCases.reduce(0) { crossed, limit in
            guard let bound = self[limit].map(Int.init) else { return crossed }
            let wasCrossed = before & limit.bit != 0
            let reading = Int(reading)
            let isCrossed =
                limit.isUpper
                ? reading >= bound - (wasCrossed ? Int(hysteresis.positive) : 0)
                : reading <= bound + (wasCrossed ? Int(hysteresis.negative) : 0)
            return isCrossed ? crossed | limit.bit : crossed
        }
    }
}
