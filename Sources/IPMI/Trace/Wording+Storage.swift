// Storage commands in words (IPMI 2.0 §31, §33 and §34).
extension Wording {
    static func storageAsked(_ code: UInt8, _ data: [UInt8]) -> String? {
        switch code {
        case 0x10: "device \(data[0])"
        case 0x11 where data.count > 3: "device \(data[0]), \(data[3]) bytes at \(number16(data, 1))"
        case 0x12 where data.count > 3:
            "device \(data[0]), at \(number16(data, 1)): \(hex(data.dropFirst(3)))"
        case 0x23 where data.count > 5: "record \(record(data, 2)), \(data[5]) bytes at \(data[4])"
        case 0x43 where data.count > 3: "record \(record(data, 2))"
        case 0x44 where data.count > 15:
            "type \(hex([data[2]])), sensor \(data[11]), event \(hex(data[12...]))"
        case 0x46 where data.count > 3: "record \(record(data, 2))"
        case 0x47 where data.count > 5: data[5] == 0xAA ? "clear" : "how far it is"
        case 0x49 where data.count > 3: "\(time(data, 0))"
        default: nil
        }
    }

    static func storageAnswered(_ code: UInt8, _ data: [UInt8]) -> String? {
        switch code {
        case 0x10 where data.count > 1: "\(number16(data, 0)) bytes"
        case 0x11: "\(data[0]) bytes"
        case 0x20 where data.count > 4, 0x40 where data.count > 4:
            "\(number16(data, 1)) records, \(number16(data, 3)) bytes free"
        case 0x22 where data.count > 1, 0x42 where data.count > 1: "reservation \(number16(data, 0))"
        case 0x23 where data.count > 1: "\(data.count - 2) bytes, next is record \(record(data, 0))"
        case 0x43 where data.count > 15:
            "type \(hex([data[4]])), sensor \(data[13]), event \(hex(data[14...])), next is \(record(data, 0))"
        case 0x44 where data.count > 1, 0x46 where data.count > 1: "record \(record(data, 0))"
        case 0x47: data[0] & 0x0F == 1 ? "cleared" : "clearing"
        case 0x48 where data.count > 3: "\(time(data, 0))"
        default: nil
        }
    }

    private static func record(_ data: [UInt8], _ index: Int) -> String {
        let number = number16(data, index)
        return number == 0xFFFF ? "last" : number == 0 ? "first" : "\(number)"
    }

    /// Seconds since 1970.
    private static func time(_ data: [UInt8], _ index: Int) -> Int {
        number16(data, index) | number16(data, index + 2) << 16
    }
}
