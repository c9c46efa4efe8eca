/// Platform Event Filtering: what events make the BMC do to its machine (IPMI 2.0 §17 and §30).
///
/// It acts on the machine's power; it sends no alerts, and so has no alert policies and no alert strings.
struct EventFilter: Sendable {
    private(set) var isEnabled = false
    /// An action is an event too (IPMI 2.0 §30.3, parameter 1).
    private(set) var tellsActions = false
    /// The actions that may be taken at all (parameter 2).
    private(set) var allowed: UInt8 = 0
    private(set) var entries: [Entry] = []
    private var isBeingSet = false
    private var guid = [UInt8](repeating: 0, count: 17)
    private var lastBySoftware: UInt16 = 0
    private(set) var lastByBMC: UInt16 = 0
    private var postponement = Postponement.none

    /// How many filters there are.
    static let size = 16

    /// A postponement that software asked for, to have the events first (IPMI 2.0 §30.2).
    private enum Postponement {
        case none
        case until(Duration)
        case disabled
    }

    /// One filter, as twenty bytes (IPMI 2.0 §17.7, Table 17-2).
    struct Entry: Sendable, Hashable {
        static let size = 20
        var bytes: [UInt8]
        static let empty = Entry(bytes: [UInt8](repeating: 0, count: size))

        var isEnabled: Bool { bytes[0] & 0x80 != 0 }
        var actions: UInt8 { bytes[1] & 0x3F }
        var severity: UInt8 { bytes[3] }

        /// Whether an event is one of those that the filter is for.
        func matches(_ event: SensorEvent, generator: UInt16) -> Bool {
            func fits(_ wanted: UInt8, _ value: UInt8) -> Bool { wanted == 0xFF || wanted == value }
            let offsets = UInt16(bytes[9]) | UInt16(bytes[10]) << 8
            return isEnabled && fits(bytes[4], UInt8(truncatingIfNeeded: generator))
                && fits(bytes[5], UInt8(truncatingIfNeeded: generator >> 8))
                && fits(bytes[6], event.sensorType)
                && fits(bytes[7], event.sensor) && fits(bytes[8], event.eventType)
                && offsets >> UInt16(event.offset) & 1 != 0
                && (0..<3).allSatisfy { passes(Array(bytes[11 + $0 * 3..<14 + $0 * 3]), event.data[$0]) }
        }

        /// A mask, the bits of which must be exactly so, and what they are compared with; of the others that are 1
        /// in the last, one is enough (IPMI 2.0 §17.8).
        private func passes(_ comparison: [UInt8], _ value: UInt8) -> Bool {
            let (masked, exact, wanted) = (value & comparison[0], comparison[1], comparison[2])
            let oneOf = wanted & ~exact
            return (masked ^ wanted) & exact == 0 && (oneOf == 0 || masked & oneOf != 0)
        }
    }

    /// Power down, reset, power cycle, diagnostic interrupt (IPMI 2.0 §30.1, Table 30-2).
    static let supported: UInt8 = 0x2E
    /// Get PEF Capabilities (IPMI 2.0 §30.1).
    static let capabilities: [UInt8] = [0x51, supported, UInt8(size)]

    // MARK: Events

    /// What the filters want done about an event, of what may be done at all.
    func actions(on event: SensorEvent, generator: UInt16) -> UInt8 {
        guard isEnabled else { return 0 }
        let matching = entries.filter { $0.matches(event, generator: generator) }
        return allowed & Self.supported & matching.reduce(0) { $0 | $1.actions }
    }

    /// Of several actions the one that comes first (IPMI 2.0 §17.3): its bit, and what it is.
    static func first(of actions: UInt8) -> (bit: UInt8, control: ChassisControl)? {
        let byPriority: [(bit: UInt8, control: ChassisControl)] = [
            (0x02, .powerDown), (0x08, .powerCycle), (0x04, .hardReset), (0x20, .diagnosticInterrupt),
        ]
        return byPriority.first { actions & $0.bit != 0 }
    }

    /// When events are looked at that have come in; nil while software has all the time that it wants.
    var time: Duration? {
        switch postponement {
        case .none: .zero
        case .disabled: nil
        case .until(let end): end
        }
    }

    mutating func processed(_ id: UInt16) { lastByBMC = id }

    // MARK: Commands

    /// Arm PEF Postpone Timer (IPMI 2.0 §30.2).
    mutating func postpone(_ data: [UInt8], _ now: Duration) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
        let (off, disable, asksOnly): (UInt8, UInt8, UInt8) = (0x00, 0xFE, 0xFF)
        switch data[0] {
        case off: postponement = .none
        case disable: postponement = .disabled
        case asksOnly: break
        default: postponement = .until(now + .seconds(Int(data[0])))
        }
        switch postponement {
        case .none: return [off]
        case .disabled: return [disable]
        case .until(let end): return [UInt8(max(0, min(0xFD, (end - now).seconds.rounded(.up))))]
        }
    }

    /// Set Last Processed Event ID: software's or the BMC's (IPMI 2.0 §30.5).
    mutating func setLastProcessed(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        var reader = ByteReader(data[...])
        guard let whose = reader.byte(), let id = reader.littleEndian16(), reader.rest.isEmpty else {
            throw CompletionFailure(.wrongLength)
        }
        if whose & 0x01 == 0 { lastBySoftware = id } else { lastByBMC = id }
        return .done
    }

    /// Get Last Processed Event ID (IPMI 2.0 §30.6).
    func lastProcessed(_ log: SystemEventLog) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: log.lastAddition)
        // FFFFh when the log is empty.
        bytes.append(littleEndian: log.records.last?.id ?? 0xFFFF)
        bytes.append(littleEndian: lastBySoftware)
        bytes.append(littleEndian: lastByBMC)
        return bytes
    }

    /// Get PEF Configuration Parameters (IPMI 2.0 §30.4, Table 30-6).
    func get(_ data: [UInt8]) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 3 else { throw CompletionFailure(.wrongLength) }
        let revision: UInt8 = 0x11
        let asksForRevision = data[0] & 0x80 != 0
        let value = try value(of: data[0] & 0x7F, data[1])
        return asksForRevision ? [revision] : [revision] + value
    }

    private func value(of parameter: UInt8, _ set: UInt8) throws(CompletionFailure) -> [UInt8] {
        switch parameter {
        case 0: [isBeingSet ? 0x01 : 0x00]
        case 1: [(isEnabled ? 0x01 : 0x00) | (tellsActions ? 0x02 : 0x00)]
        case 2: [allowed]
        case 5: [UInt8(Self.size)]
        case 6: [set] + (try entry(set)).bytes
        case 7: [set, try entry(set).bytes[0]]
        case 8, 11: [0x00]  // No alert policies, no alert strings.
        case 10: guid
        default: throw CompletionFailure(.parameterNotSupported)
        }
    }

    private func entry(_ number: UInt8) throws(CompletionFailure) -> Entry {
        guard (1...Self.size).contains(Int(number & 0x7F)) else { throw CompletionFailure(.outOfRange) }
        let index = Int(number & 0x7F) - 1
        return index < entries.count ? entries[index] : .empty
    }

    /// Set PEF Configuration Parameters (IPMI 2.0 §30.3, Table 30-6).
    mutating func set(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard let parameter = data.first else { throw CompletionFailure(.wrongLength) }
        let value = Array(data.dropFirst())
        func expect(_ count: Int) throws(CompletionFailure) {
            guard value.count == count else { throw CompletionFailure(.wrongLength) }
        }
        switch parameter & 0x7F {
        case 0:
            try expect(1)
            try setProgress(value[0])
        case 1:
            try expect(1)
            // The delays of parameters 3 and 4 are not there to be switched on.
            guard value[0] & ~0x03 == 0 else { throw CompletionFailure(.invalidField) }
            (isEnabled, tellsActions) = (value[0] & 0x01 != 0, value[0] & 0x02 != 0)
        case 2:
            try expect(1)
            guard value[0] & ~Self.supported == 0 else { throw CompletionFailure(.invalidField) }
            allowed = value[0]
        case 5, 8, 11: throw CompletionFailure(.parameterReadOnly)
        case 6:
            try expect(1 + Entry.size)
            try put(Entry(bytes: Array(value[1...])), at: value[0])
        case 7:
            try expect(2)
            var entry = try entry(value[0])
            entry.bytes[0] = value[1]
            try put(entry, at: value[0])
        case 10:
            try expect(17)
            guid = value
        default: throw CompletionFailure(.parameterNotSupported)
        }
        return .done
    }

    private mutating func setProgress(_ state: UInt8) throws(CompletionFailure) {
        let (complete, begins): (UInt8, UInt8) = (0, 1)
        switch state {
        case complete: isBeingSet = false
        case begins:
            guard !isBeingSet else { throw CompletionFailure(.setInProgress) }
            isBeingSet = true
        default: throw CompletionFailure(.invalidField)
        }
    }

    private mutating func put(_ entry: Entry, at number: UInt8) throws(CompletionFailure) {
        _ = try self.entry(number)
        guard entry.actions & ~Self.supported == 0 else { throw CompletionFailure(.invalidField) }
        let index = Int(number & 0x7F) - 1
        while entries.count <= index { entries.append(.empty) }
        entries[index] = entry
    }
}
