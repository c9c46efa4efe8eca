/// The SOL configuration parameters (IPMI 2.0 §26.3, Table 26-5).
struct SOLSettings: Hashable, Sendable {
    /// The parameters that there are here.
    enum Parameter: UInt8 {
        case setInProgress = 0
        case enable = 1
        case authentication = 2
        case accumulation = 3
        case retry = 4
        case nonvolatileBitRate = 5
        case volatileBitRate = 6
        case payloadChannel = 7
        case payloadPort = 8
        /// A vendor's: how many lines of what the machine printed before are sent to a console that comes.
        case history = 0xC0
    }

    /// Whether the machine has a serial port.
    var hasPort = true
    /// Where the BMC is reached: its primary RMCP port (IPMI 2.0 §13.1.2).
    var port: UInt16 = 623
    var isEnabled = true
    var forcesEncryption = true
    var forcesAuthentication = true
    /// The level that it takes to activate SOL.
    var privilege = PrivilegeLevel.operator
    /// In units of 5 ms.
    private var accumulateInterval: UInt8 = 4
    private var sendThreshold: UInt8 = 200
    private(set) var retries: UInt8 = 7
    /// In units of 10 ms.
    private var retryUnits: UInt8 = 25
    private var nonvolatileBitRate = fastest
    private var volatileBitRate = fastest
    /// None: a program that compares what it sees with what it expects is not surprised.
    private(set) var historyLines: UInt8 = 0
    private var progress = SetInProgress()

    /// 115.2 kbit/s (IPMI 2.0 Table 26-5, parameter 5).
    private static let fastest: UInt8 = 0x0A
    /// 9.6 to 115.2 kbit/s; 0 means that of serial IPMI, which is not here.
    private static let bitRates: ClosedRange<UInt8> = 0x06...fastest
    private static let revision: UInt8 = 0x11

    /// How long characters wait for more of them.
    var accumulation: Duration { .milliseconds(5 * Int(accumulateInterval)) }
    /// How many are sent without waiting.
    var threshold: Int { max(1, Int(sendThreshold)) }
    /// How long an acknowledgement is waited for.
    var retryInterval: Duration { .milliseconds(10 * max(1, Int(retryUnits))) }

    /// Set SOL Configuration Parameters (IPMI 2.0 §26.2).
    mutating func set(
        _ data: [UInt8],
        by session: UInt32,
        isOpen: (UInt32) -> Bool
    ) throws(CompletionFailure) {
        guard data.count >= 2 else { throw CompletionFailure(.wrongLength) }
        guard Channel.named(data[0]) != nil else { throw CompletionFailure(.invalidField) }
        guard let parameter = Parameter(rawValue: data[1]) else {
            throw CompletionFailure(.parameterNotSupported)
        }
        let value = Array(data[2...])
        let length =
            switch parameter {
            case .accumulation, .retry, .payloadPort: 2
            case .setInProgress, .enable, .authentication, .nonvolatileBitRate, .volatileBitRate,
                .payloadChannel, .history:
                1
            }
        guard value.count == length else { throw CompletionFailure(.wrongLength) }
        switch parameter {
        case .setInProgress: try progress.set(value[0], by: session, isOpen: isOpen)
        case .enable: isEnabled = value[0] & 0x01 != 0
        case .authentication: try setAuthentication(value[0])
        case .accumulation:
            guard value[0] != 0 else { throw CompletionFailure(.invalidField) }
            (accumulateInterval, sendThreshold) = (value[0], value[1])
        case .retry: (retries, retryUnits) = (value[0] & 0x07, value[1])
        case .nonvolatileBitRate: nonvolatileBitRate = try Self.bitRate(value[0])
        case .volatileBitRate: volatileBitRate = try Self.bitRate(value[0])
        case .payloadChannel, .payloadPort: throw CompletionFailure(.readOnly)
        case .history: historyLines = value[0]
        }
    }

    private mutating func setAuthentication(_ value: UInt8) throws(CompletionFailure) {
        guard let level = PrivilegeLevel(rawValue: value & 0x0F), level >= .user else {
            throw CompletionFailure(.invalidField)
        }
        (forcesEncryption, forcesAuthentication) = (value & 0x80 != 0, value & 0x40 != 0)
        privilege = level
    }

    private static func bitRate(_ value: UInt8) throws(CompletionFailure) -> UInt8 {
        guard bitRates.contains(value & 0x0F) else { throw CompletionFailure(.invalidField) }
        return value & 0x0F
    }

    /// Get SOL Configuration Parameters (IPMI 2.0 §26.3).
    func get(_ data: [UInt8], isOpen: (UInt32) -> Bool) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 4 else { throw CompletionFailure(.wrongLength) }
        guard Channel.named(data[0]) != nil else { throw CompletionFailure(.invalidField) }
        let wantsRevisionOnly = data[0] & 0x80 != 0
        if wantsRevisionOnly { return [Self.revision] }
        guard let parameter = Parameter(rawValue: data[1]) else {
            throw CompletionFailure(.parameterNotSupported)
        }
        let value: [UInt8] =
            switch parameter {
            case .setInProgress: [progress.state(isOpen)]
            case .enable: [isEnabled ? 1 : 0]
            case .authentication:
                [(forcesEncryption ? 0x80 : 0) | (forcesAuthentication ? 0x40 : 0) | privilege.rawValue]
            case .accumulation: [accumulateInterval, sendThreshold]
            case .retry: [retries, retryUnits]
            case .nonvolatileBitRate: [nonvolatileBitRate]
            case .volatileBitRate: [volatileBitRate]
            case .payloadChannel: [Channel.number]
            case .payloadPort: [UInt8(truncatingIfNeeded: port), UInt8(port >> 8)]
            case .history: [historyLines]
            }
        return [Self.revision] + value
    }

    /// What a cold reset leaves of them: bit rates fall back to the lasting one, nobody is writing.
    mutating func restart() {
        volatileBitRate = nonvolatileBitRate
        progress = SetInProgress()
    }
}
