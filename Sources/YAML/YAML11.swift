/// What readers of YAML 1.1, PyYAML among them, make of a plain text that looks like something else.
///
/// Engines read their files so: `1:50` is the number 110 to them, `010` is 8, and `no` is false.
package enum YAML11: Hashable, Sendable {
    case text, null, float, timestamp
    case truth(Bool)
    /// Nil when it is too large to be counted here.
    case integer(Int?)

    /// How it reads in a message; nil for a text.
    package var meaning: String? {
        switch self {
        case .text: nil
        case .null: "nothing"
        case .float: "a number with a point"
        case .timestamp: "a date"
        case .truth(let value): "the truth value \(value)"
        case .integer(let value): value.map { "the number \($0)" } ?? "a number"
        }
    }

    /// By the patterns of the types' own pages (yaml.org/type).
    package init(_ text: String) {
        let bytes = Array(text.utf8)
        guard let first = bytes.first else {
            self = .null
            return
        }
        switch text {
        case "~", "null", "Null", "NULL": self = .null
        case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": self = .truth(true)
        case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": self = .truth(false)
        case ".nan", ".NaN", ".NAN": self = .float
        default:
            let isSigned = first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
            let digits = isSigned ? Array(bytes.dropFirst()) : bytes
            let sign = first == UInt8(ascii: "-") ? -1 : 1
            if let value = Self.integer(digits) {
                self = .integer(value.map { sign * $0 })
            } else if Self.isFloat(digits) {
                self = .float
            } else {
                self = Self.isTimestamp(bytes) ? .timestamp : .text
            }
        }
    }

    /// Nil when it is no integer; a nil value when it is one beyond 64 bits.
    private static func integer(_ bytes: [UInt8]) -> Int?? {
        guard let first = bytes.first, isDigit(first) else { return nil }
        let text = String(decoding: bytes.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        if bytes.count > 2, text.hasPrefix("0x") || text.hasPrefix("0b") {
            let radix = text.hasPrefix("0x") ? 16 : 2
            guard text.dropFirst(2).allSatisfy({ Int(String($0), radix: radix) != nil }) else { return nil }
            return .some(Int(text.dropFirst(2), radix: radix))
        }
        if bytes.contains(UInt8(ascii: ":")) {
            guard first != UInt8(ascii: "0"), let parts = sexagesimal(bytes) else { return nil }
            return .some(
                parts.reduce(Int?.some(0)) { sum, part in
                    guard let sum, let part else { return nil }
                    let (product, overflow) = sum.multipliedReportingOverflow(by: 60)
                    return overflow || product > Int.max - part ? nil : product + part
                }
            )
        }
        guard bytes.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: "_") }) else { return nil }
        if first != UInt8(ascii: "0") || bytes.count == 1 { return .some(Int(text)) }
        return text.allSatisfy { "0"..."7" ~= $0 } ? .some(Int(text, radix: 8)) : nil
    }

    /// The groups of a number to the base of 60, such as `1:50`.
    private static func sexagesimal(_ bytes: [UInt8]) -> [Int?]? {
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard let head = parts.first, !head.isEmpty,
            head.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: "_") })
        else { return nil }
        for part in parts.dropFirst() {
            guard (1...2).contains(part.count), part.allSatisfy(isDigit),
                part.count == 1 || (part.first ?? 0) < UInt8(ascii: "6")
            else { return nil }
        }
        return parts.map { Int(String(decoding: $0.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)) }
    }

    private static func isFloat(_ bytes: [UInt8]) -> Bool {
        if [".inf", ".Inf", ".INF"].contains(String(decoding: bytes, as: UTF8.self)) { return true }
        guard let point = bytes.firstIndex(of: UInt8(ascii: ".")) else { return false }
        let (head, tail) = (Array(bytes[..<point]), bytes[(point + 1)...])
        if head.contains(UInt8(ascii: ":")) {
            return sexagesimal(head) != nil && tail.allSatisfy { isDigit($0) || $0 == UInt8(ascii: "_") }
        }
        guard head.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: "_") }), head.first.map(isDigit) ?? true
        else { return false }
        let exponent = tail.firstIndex { $0 | 0x20 == UInt8(ascii: "e") } ?? tail.endIndex
        guard tail[..<exponent].allSatisfy({ isDigit($0) || $0 == UInt8(ascii: "_") }),
            !head.isEmpty || tail.first.map(isDigit) ?? false
        else { return false }
        guard exponent < tail.endIndex else { return true }
        let power = tail[(exponent + 1)...]
        return power.count > 1 && [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(power.first)
            && power.dropFirst().allSatisfy(isDigit)
    }

    /// A date, with or without a time after it.
    private static func isTimestamp(_ bytes: [UInt8]) -> Bool {
        let date = bytes.prefix { isDigit($0) || $0 == UInt8(ascii: "-") }
        let parts = date.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4,
            parts.dropFirst().allSatisfy({ (1...2).contains($0.count) })
        else { return false }
        guard let next = bytes.dropFirst(date.count).first else { return parts.allSatisfy { $0.count != 1 } }
        return [UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: " ")].contains(next)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension YAMLNode {
    /// What an engine that reads YAML 1.1 takes this for, when that is no text although a text is written here.
    package var misreading: String? {
        if case .scalar(let text, .plain) = content { YAML11(text).meaning } else { nil }
    }
}
