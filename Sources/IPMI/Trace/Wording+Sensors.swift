// Sensor commands in words (IPMI 2.0 §29, §30 and §35).
extension Wording {
    static func sensorAsked(_ code: UInt8, _ data: [UInt8]) -> String? {
        switch code {
        case 0x23...0x2F: "sensor \(data[0])" + (data.count > 1 ? ": " + hex(data.dropFirst()) : "")
        case 0x12 where data.count > 1: "parameter \(data[0] & 0x7F): " + hex(data.dropFirst())
        case 0x13: "parameter \(data[0] & 0x7F)"
        default: nil
        }
    }

    static func sensorAnswered(_ code: UInt8, _ data: [UInt8]) -> String? {
        switch code {
        case 0x2D where data.count > 1:
            data[1] & 0x20 != 0
                ? "no reading"
                : "reads \(data[0])" + (data.count > 2 ? ", state \(hex(data.dropFirst(2)))" : "")
        case 0x2F where data.count > 1: "type \(hex([data[0]])), events \(hex([data[1]]))"
        default: nil
        }
    }
}
