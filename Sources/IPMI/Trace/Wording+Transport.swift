// Transport commands in words (IPMI 2.0 §23 and §26).
extension Wording {
    static func transportAsked(_ code: UInt8, _ data: [UInt8]) -> String? {
        guard data.count > 1 else { return nil }
        switch code {
        case 0x01:
            let value = data.dropFirst(2)
            return "parameter " + name(data[1], lan) + (value.isEmpty ? "" : ": " + lanValue(data[1], value))
        case 0x02: return "parameter " + name(data[1], lan)
        case 0x21: return "parameter \(data[1]): " + hex(data.dropFirst(2))
        case 0x22: return "parameter \(data[1])"
        default: return nil
        }
    }

    static func transportAnswered(_ code: UInt8, _ data: [UInt8]) -> String? {
        switch code {
        // An answer does not say which parameter it is: the request did.
        case 0x02 where data.count > 1, 0x22 where data.count > 1: hex(data.dropFirst())
        default: nil
        }
    }

    private static func lanValue(_ parameter: UInt8, _ value: ArraySlice<UInt8>) -> String {
        switch parameter {
        case 3, 6, 12, 14: address(value)
        default: hex(value)
        }
    }

    private static let lan: [UInt8: String] = [
        0: "set in progress", 1: "authentication support", 2: "authentication enables", 3: "IP address",
        4: "IP address source", 5: "MAC address", 6: "subnet mask", 7: "IPv4 header", 10: "ARP control",
        11: "gratuitous ARP interval", 12: "default gateway", 13: "default gateway's MAC address",
        14: "backup gateway", 16: "community", 20: "VLAN", 22: "cipher suite entries", 23: "cipher suites",
        24: "cipher suite privileges",
    ]
}
