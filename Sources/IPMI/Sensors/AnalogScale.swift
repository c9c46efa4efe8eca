/// How an analog sensor's reading, one byte, stands for a value: linear, from 0 (IPMI 2.0 §36.3).
struct AnalogScale: Sendable, Hashable {
    let unit: SensorUnit
    /// The value is `factor` × 10^`exponent` for each count of the reading.
    let factor: UInt16
    let exponent: Int

    private var step: Double {
        var step = Double(factor)
        for _ in 0..<abs(exponent) { step = exponent < 0 ? step / 10 : step * 10 }
        return step
    }

    func value(_ reading: UInt8) -> Double { Double(reading) * step }

    /// The nearest reading that there is.
    func reading(_ value: Double) -> UInt8 {
        guard value.isFinite else { return value > 0 ? .max : 0 }
        return UInt8(max(0, min(255, (value / step).rounded())))
    }

    /// M, tolerance, B, accuracy and both exponents, as records and Get Sensor Reading Factors have them
    /// (IPMI 2.0 §35.5 and §43.1, bytes 25 to 30).
    var factors: [UInt8] {
        let resultExponent = UInt8(bitPattern: Int8(exponent)) << 4
        return [
            UInt8(truncatingIfNeeded: factor),
            UInt8(truncatingIfNeeded: factor >> 8) << 6,  // A tolerance of 0.
            0x00, 0x00,  // B is 0, accuracy 0.
            0x00,
            resultExponent,
        ]
    }
}

/// What a sensor counts (IPMI 2.0 §43.17).
package enum SensorUnit: UInt8, Sendable {
    case celsius = 1
    case volts = 4
    case watts = 6
    case revolutionsPerMinute = 18

    package var symbol: String {
        switch self {
        case .celsius: "°C"
        case .volts: "V"
        case .watts: "W"
        case .revolutionsPerMinute: "RPM"
        }
    }
}
