/// One record of the event log: sixteen bytes (IPMI 2.0 §32).
struct SELRecord: Sendable, Hashable {
    // Two words rather than an array: a full log has no allocation but its own.
    private let words: (UInt64, UInt64)

    static let size = 16
    /// A system event record (IPMI 2.0 §32.1).
    static let systemEvent: UInt8 = 0x02

    /// Nil unless there are sixteen bytes.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        words = Self.words(bytes)
    }

    private static func words(_ bytes: [UInt8]) -> (UInt64, UInt64) {
        func word(_ part: ArraySlice<UInt8>) -> UInt64 { part.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        return (word(bytes.prefix(8)), word(bytes.dropFirst(8)))
    }

    /// What a sensor of this BMC tells.
    init(_ event: SensorEvent, id: UInt16, time: UInt32, generator: UInt16) {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: id)
        bytes.append(Self.systemEvent)
        bytes.append(littleEndian: time)
        bytes.append(littleEndian: generator)
        bytes += event.message
        words = Self.words(bytes)
    }

    var bytes: [UInt8] {
        [words.0, words.1].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
        }
    }

    var id: UInt16 { UInt16(truncatingIfNeeded: words.0) }
    var type: UInt8 { UInt8(truncatingIfNeeded: words.0 >> 16) }

    /// Whether records of that type say when (IPMI 2.0 §32.2 and §32.3).
    static func hasTimestamp(_ type: UInt8) -> Bool? {
        switch type {
        case systemEvent, 0xC0...0xDF: true
        case 0xE0...0xFF: false
        default: nil
        }
    }

    /// Nil for a record that does not say.
    var time: UInt32? {
        Self.hasTimestamp(type) == true ? UInt32(truncatingIfNeeded: words.0 >> 24) : nil
    }

    /// Nil for a record that is no event of a sensor.
    var event: SensorEvent? { type == Self.systemEvent ? SensorEvent(Array(bytes[9...])) : nil }

    static func == (one: SELRecord, other: SELRecord) -> Bool { one.words == other.words }
    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }
}
