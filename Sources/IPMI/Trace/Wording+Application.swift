// App commands in words (IPMI 2.0 §20, §22, §24 and §27).
extension Wording {
    static func applicationAsked(_ code: UInt8, _ data: [UInt8]) -> String? {
        switch code {
        case 0x24 where data.count > 5:
            let action = name(data[1] & 0x07, timeouts)
            return "\(action) after \(Double(number16(data, 4)) / 10) s, for \(name(data[0] & 0x07, timers))"
        case 0x38 where data.count > 1:
            return (data[0] & 0x80 != 0 ? "v2.0 too, " : "") + "as " + name(data[1] & 0x0F, privileges)
        case 0x3B: return data[0] == 0 ? "which it is" : name(data[0] & 0x0F, privileges)
        case 0x3C: return "session " + hex(data.prefix(4).reversed())
        case 0x3D: return name(data[0], [0: "this one", 0xFE: "by handle", 0xFF: "by ID"])
        case 0x43 where data.count > 1, 0x44 where data.count > 1:
            return "user \(data[1] & 0x3F)"
        case 0x45 where data.count > 1: return "user \(data[0] & 0x3F) is \(text(data.dropFirst()))"
        case 0x46: return "user \(data[0] & 0x3F)"
        case 0x47 where data.count > 1:
            return "user \(data[0] & 0x3F): "
                + name(data[1] & 3, [0: "disable", 1: "enable", 2: "set password", 3: "test password"])
        case 0x48, 0x49: return "payload \(name(data[0] & 0x3F, [1: "serial over LAN"]))"
        case 0x54 where data.count > 2: return "list \(data[2] & 0x3F)"
        default: return nil
        }
    }

    static func applicationAnswered(_ code: UInt8, _ data: [UInt8]) -> String? {
        switch code {
        case 0x01 where data.count > 10:
            let manufacturer = number16(data, 6) | Int(data[8]) << 16
            return "firmware \(data[2] & 0x7F).\(hex([data[3]])), IPMI \(data[4] & 0x0F).\(data[4] >> 4), "
                + "manufacturer \(manufacturer), product \(number16(data, 9))"
                + (data[2] & 0x80 != 0 ? ", updating" : "")
        case 0x04 where data.count > 1:
            return name(data[0], [0x55: "passed", 0x56: "not implemented", 0x57: "failed", 0x58: "fatal"])
                + (data[0] == 0x57 ? ": " + hex([data[1]]) : "")
        case 0x37, 0x08: return hex(data)
        case 0x38 where data.count > 3: return data[3] & 0x02 != 0 ? "v2.0" : "v1.5 only"
        case 0x3B: return name(data[0] & 0x0F, privileges)
        case 0x3D where data.count > 2: return "\(data[2]) of \(data[1]) sessions"
        case 0x46: return text(data[...])
        case 0x54 where data.count > 1:
            let suites = data.indices.filter { data[$0] == 0xC0 && $0 + 1 < data.count }
            return suites.isEmpty ? nil : "suites " + suites.map { "\(data[$0 + 1])" }.joined(separator: ", ")
        default: return nil
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        "“" + String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) + "”"
    }

    private static let privileges: [UInt8: String] = [
        1: "callback", 2: "user", 3: "operator", 4: "administrator", 5: "vendor",
    ]
    private static let timeouts: [UInt8: String] = [
        0: "nothing", 1: "hard reset", 2: "power down", 3: "power cycle",
    ]
    private static let timers: [UInt8: String] = [
        1: "the firmware", 2: "the self test", 3: "the loader", 4: "the system", 5: "the vendor",
    ]
}
