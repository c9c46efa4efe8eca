/// The system boot options: the parameters, and when they lapse (IPMI 2.0 §28.12 to §28.14).
struct BootOptions: Sendable {
    /// The parameters that there are here (IPMI 2.0 Table 28-14).
    enum Parameter: UInt8 {
        case setInProgress = 0
        case validBitClearing = 3
        case acknowledge = 4
        case flags = 5
        case initiator = 6
        case mailbox = 7
    }

    /// What a Set command asks for.
    enum Change: Hashable {
        case done
        /// Done once the machine has agreed.
        case flags(BootFlags)
    }

    private(set) var flags = BootFlags()
    /// When the flags stop being valid.
    private(set) var expiry: Duration?
    private var progress = SetInProgress()
    /// Bit k: do not clear the valid bit in that case.
    private var validBitClearing: UInt8 = 0
    private var acknowledged: UInt8 = 0
    /// Parameter 6: channel, session and time of who asked for the boot, as software wrote it.
    private var initiator = [UInt8](repeating: 0, count: 9)
    /// Parameter 7: what remote software leaves for the machine's, in blocks of sixteen bytes.
    private var mailbox: [UInt8: [UInt8]] = [:]
    /// Parameters that were marked invalid.
    private var invalid: Set<Parameter> = []
    /// The flags hold whatever causes the boot: the firmware has made persistent ones its own, or they were set so.
    private var isAdopted = false

    /// The version of the parameters' formats.
    private static let version: UInt8 = 0x01
    private static let invalidBit: UInt8 = 0x80
    /// How long flags wait for a boot (IPMI 2.0 §28.12, parameter 3).
    static let standardLifetime: Duration = .seconds(60)
    /// How long they wait here; nil for ever.
    var lifetime: Duration? = standardLifetime
    /// When the flags were set last.
    private(set) var committed: Duration?
    private static let mailboxBlock = 16
    /// Eighty bytes, the least that the standard asks for.
    private static let mailboxBlocks: UInt8 = 5

    // Parameter 3: «do not clear the valid bit» …
    private static let keepOnPowerButton: UInt8 = 1 << 0
    private static let keepOnReset: UInt8 = 1 << 1
    private static let keepOnWatchdog: UInt8 = 1 << 2
    private static let keepWithoutControl: UInt8 = 1 << 3
    private static let keepOnPlatformEvent: UInt8 = 1 << 4

    /// What the next boot is asked to be from; nil when it is left to the firmware.
    var selection: BootFlags? {
        flags.isValid && flags.device != nil && !invalid.contains(.flags) ? flags : nil
    }

    // MARK: Commands

    /// Set System Boot Options (IPMI 2.0 §28.12).
    mutating func set(
        _ data: [UInt8],
        by session: UInt32,
        isOpen: (UInt32) -> Bool
    ) throws(CompletionFailure)
        -> Change
    {
        guard let first = data.first else { throw CompletionFailure(.wrongLength) }
        guard let parameter = Parameter(rawValue: first & ~Self.invalidBit) else {
            throw CompletionFailure(.parameterNotSupported)
        }
        let change = try set(parameter, data.dropFirst(), by: session, isOpen: isOpen)
        if first & Self.invalidBit != 0 { invalid.insert(parameter) } else { invalid.remove(parameter) }
        return change
    }

    private mutating func set(
        _ parameter: Parameter,
        _ data: ArraySlice<UInt8>,
        by session: UInt32,
        isOpen: (UInt32) -> Bool
    ) throws(CompletionFailure) -> Change {
        // Without a value only the mark changes.
        guard let value = data.first else { return .done }
        switch parameter {
        case .setInProgress:
            guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
            try progress.set(value, by: session, isOpen: isOpen)
        case .validBitClearing:
            guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
            guard value & 0xE0 == 0 else { throw CompletionFailure(.invalidField) }
            validBitClearing = value
            if value & Self.keepWithoutControl != 0 { expiry = nil }
        case .acknowledge:
            guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
            let mask = value & 0x1F
            acknowledged = acknowledged & ~mask | data[data.startIndex + 1] & mask
        case .flags: return .flags(try BootFlags(decoding: data))
        case .initiator:
            guard data.count == initiator.count else { throw CompletionFailure(.wrongLength) }
            initiator = Array(data)
        case .mailbox: try write(data.dropFirst(), toBlock: value)
        }
        return .done
    }

    /// A block is written from its start; the rest of it stays (IPMI 2.0 Table 28-14, parameter 7).
    private mutating func write(_ data: ArraySlice<UInt8>, toBlock block: UInt8) throws(CompletionFailure) {
        guard block < Self.mailboxBlocks else { throw CompletionFailure(.outOfRange) }
        guard data.count <= Self.mailboxBlock else { throw CompletionFailure(.wrongLength) }
        var content = self.block(block)
        content.replaceSubrange(..<data.count, with: data)
        mailbox[block] = content
    }

    private func block(_ number: UInt8) -> [UInt8] {
        mailbox[number] ?? [UInt8](repeating: 0, count: Self.mailboxBlock)
    }

    /// Get System Boot Options (IPMI 2.0 §28.13).
    func get(_ data: [UInt8], isOpen: (UInt32) -> Bool) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 3 else { throw CompletionFailure(.wrongLength) }
        guard let parameter = Parameter(rawValue: data[0] & 0x7F) else {
            throw CompletionFailure(.parameterNotSupported)
        }
        if parameter == .mailbox, data[1] >= Self.mailboxBlocks { throw CompletionFailure(.outOfRange) }
        let value: [UInt8] =
            switch parameter {
            case .setInProgress: [progress.state(isOpen)]
            case .validBitClearing: [validBitClearing]
            case .acknowledge: [0x00, acknowledged]
            case .flags: flags.encoded
            case .initiator: initiator
            case .mailbox: [data[1]] + block(data[1])
            }
        return [Self.version, parameter.rawValue | (invalid.contains(parameter) ? Self.invalidBit : 0)]
            + value
    }

    // MARK: What happens to the flags

    /// The machine has agreed to boot that way.
    ///
    /// What came by another protocol than IPMI lasts: it has no sixty seconds, and holds whatever causes the boot.
    mutating func commit(_ new: BootFlags, at now: Duration, lasts: Bool = false) {
        (flags, isAdopted, committed) = (new, lasts && new.isValid, now)
        if lasts { invalid.remove(.flags) }
        let expires = new.isValid && !lasts && validBitClearing & Self.keepWithoutControl == 0
        expiry = expires ? lifetime.map { now + $0 } : nil
    }

    /// A Chassis Control command begins the sixty seconds anew.
    mutating func chassisControlCame(at now: Duration) {
        if expiry != nil { expiry = lifetime.map { now + $0 } }
    }

    /// Whether flags lapsed just now that would have changed the next boot.
    mutating func expire(at now: Duration) -> Bool {
        guard let expiry, expiry <= now else { return false }
        let mattered = selection != nil
        self.expiry = nil
        flags.isValid = false
        return mattered
    }

    /// The firmware reads the flags as it boots: those for one boot are spent, persistent ones become its own.
    mutating func boots(_ cause: RestartCause) -> BootFlags? {
        guard isAdopted || survives(cause) else {
            flags.isValid = false
            expiry = nil
            return nil
        }
        let selected = selection
        expiry = nil
        if !flags.isPersistent { flags.isValid = false }
        isAdopted = flags.isValid
        return selected
    }

    private func survives(_ cause: RestartCause) -> Bool {
        switch cause {
        case .chassisControl, .unknown, .powerRestored, .powerRestoredAsBefore: true
        case .powerButton, .clock: validBitClearing & Self.keepOnPowerButton != 0
        case .resetButton, .softReset: validBitClearing & Self.keepOnReset != 0
        case .watchdog: validBitClearing & Self.keepOnWatchdog != 0
        case .platformEventReset, .platformEventCycle: validBitClearing & Self.keepOnPlatformEvent != 0
        }
    }
}
