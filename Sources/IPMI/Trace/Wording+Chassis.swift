// Chassis commands in words (IPMI 2.0 §28).
extension Wording {
    static func chassisAsked(_ code: UInt8, _ data: [UInt8]) -> String? {
        switch code {
        case 0x02: return name(data[0] & 0x0F, controls)
        case 0x04:
            if data.count > 1, data[1] & 1 != 0 { return "until told otherwise" }
            return data[0] == 0 ? "off" : "for \(data[0]) s"
        case 0x06: return data[0] & 0x07 == 3 ? "which there are" : name(data[0] & 0x07, policies)
        case 0x08: return bootOption(data[0], Array(data.dropFirst()))
        case 0x09: return "parameter " + name(data[0] & 0x7F, bootParameters)
        default: return nil
        }
    }

    static func chassisAnswered(_ code: UInt8, _ data: [UInt8]) -> String? {
        switch code {
        case 0x01:
            guard data.count > 2 else { return nil }
            var words = ["power \(data[0] & 1 == 1 ? "on" : "off")", name(data[0] >> 5 & 3, policies)]
            if data[0] & 0x02 != 0 { words.append("overload") }
            if data[1] & 0x10 != 0 { words.append("last powered on by a command") }
            if data[2] & 0x30 != 0 { words.append("identify light on") }
            return words.joined(separator: ", ")
        case 0x07: return name(data[0] & 0x0F, causes)
        case 0x09:
            guard data.count > 2 else { return nil }
            let mark = data[1] & 0x80 != 0 ? "marked invalid, " : ""
            return mark + (bootOption(data[1] & 0x7F, Array(data.dropFirst(2))) ?? hex(data.dropFirst(2)))
        case 0x0F:
            guard data.count > 4 else { return nil }
            let count = number16(data, 1) | number16(data, 3) << 16
            return "\(count * Int(data[0]) / 60) h"
        default: return nil
        }
    }

    private static func bootOption(_ parameter: UInt8, _ data: [UInt8]) -> String? {
        let title = name(parameter & 0x7F, bootParameters)
        guard let first = data.first else { return title + ", mark only" }
        switch parameter & 0x7F {
        case 0x00: return title + (first & 3 == 0 ? ": complete" : first & 3 == 1 ? ": begun" : ": commit")
        case 0x05 where data.count > 1:
            guard first & 0x80 != 0 else { return "boot flags: not valid" }
            var words = ["boot device " + name(data[1] >> 2 & 0x0F, devices)]
            words.append(first & 0x40 != 0 ? "always" : "once")
            if first & 0x20 != 0 { words.append("EFI") }
            return words.joined(separator: ", ")
        default: return title + ": " + hex(data)
        }
    }

    private static let controls: [UInt8: String] = [
        0: "power down", 1: "power up", 2: "power cycle", 3: "hard reset", 4: "diagnostic interrupt",
        5: "soft shutdown",
    ]
    private static let policies: [UInt8: String] = [
        0: "stays off when power returns", 1: "as before when power returns",
        2: "powers up when power returns",
    ]
    private static let bootParameters: [UInt8: String] = [
        0: "set in progress", 1: "service partition", 2: "service partition scan", 3: "valid-bit clearing",
        4: "boot info acknowledge", 5: "boot flags", 6: "boot initiator", 7: "boot initiator mailbox",
    ]
    private static let devices: [UInt8: String] = [
        0: "of the firmware's choice", 1: "pxe", 2: "disk", 3: "disk, safe mode", 4: "diagnostic partition",
        5: "cdrom", 6: "bios", 15: "floppy",
    ]
    private static let causes: [UInt8: String] = [
        0: "unknown", 1: "chassis control", 2: "reset button", 3: "power button", 4: "watchdog",
        6: "power restored", 7: "power restored as before", 8: "event filter reset", 9: "event filter cycle",
        10: "soft reset", 11: "clock",
    ]
}
