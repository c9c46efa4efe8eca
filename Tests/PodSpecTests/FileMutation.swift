/// Spoils a text as hands, editors and transfers do; the same seed spoils it the same way.
struct FileMutation {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// Below a bound that is not 0.
    mutating func number(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }

    mutating func pick<Element>(_ list: [Element]) -> Element { list[number(below: list.count)] }

    /// What breaks a syntax, or means something else than it seems.
    private static let pieces = [
        "*x", "&x ", "<<: *x", "<<: ", "[", "]", "{", "}", "~", ": ", "- ", "\t", "\n", "'", "\"", "#", "|\n",
        ">\n",
        "!!int ", "%", "@", "\u{0}", "\u{FEFF}", "ü", "99999999999999999999", "-1", "0x10", "1:50", "None",
        "null",
        "yes", "255.255.255.255", "0.0.0.0", "10.0.0.0/0", "10.0.0.0/33", "ff:ff:ff:ff:ff:ff", "eth16",
        "eth0",
        "bond1", "4096", "1-2", "native|", "ENC[", "---\n", "...\n", "? ", "\r",
    ]

    /// One to four changes.
    mutating func spoil(_ text: String, with other: String) -> String {
        var bytes = Array(text.utf8)
        for _ in 0...number(below: 4) { bytes = change(bytes, with: Array(other.utf8)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func change(_ bytes: [UInt8], with other: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty, !other.isEmpty else { return other }
        var bytes = bytes
        let place = number(below: bytes.count)
        switch number(below: 8) {
        case 0: bytes[place] = UInt8(number(below: 256))
        case 1: bytes.insert(contentsOf: Array(pick(Self.pieces).utf8), at: place)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + number(below: 40)))
        case 3: bytes.removeSubrange(place...)
        case 4:
            let start = number(below: other.count)
            bytes.insert(contentsOf: other[start..<min(other.count, start + 200)], at: place)
        case 5: return lines(bytes) { $0.remove(at: $1) }
        case 6: return lines(bytes) { $0.insert($0[$1], at: $1) }
        default:
            let distance = number(below: 7)
            return lines(bytes) {
                $0[$1] = Array(repeating: 0x20, count: distance) + $0[$1].drop { $0 == 0x20 }
            }
        }
        return bytes
    }

    private mutating func lines(_ bytes: [UInt8], _ edit: (inout [[UInt8]], Int) -> Void) -> [UInt8] {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        edit(&lines, number(below: lines.count))
        return Array(lines.joined(separator: [0x0A]))
    }
}
