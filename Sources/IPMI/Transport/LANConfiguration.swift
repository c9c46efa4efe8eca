/// The LAN configuration parameters (IPMI 2.0 §23.1 and §23.2, Table 23-4).
///
/// What cannot be changed here is read-only rather than accepted and forgotten.
struct LANConfiguration: Sendable {
    /// The parameters that there are here.
    enum Parameter: UInt8 {
        case setInProgress = 0
        case authenticationSupport = 1
        case authenticationEnables = 2
        case address = 3
        case addressSource = 4
        case hardwareAddress = 5
        case mask = 6
        case header = 7
        case primaryPort = 8
        case arpControl = 10
        case arpInterval = 11
        case gateway = 12
        case gatewayHardwareAddress = 13
        case backupGateway = 14
        case backupGatewayHardwareAddress = 15
        case community = 16
        case destinations = 17
        case vlan = 20
        case vlanPriority = 21
        case suiteCount = 22
        case suites = 23
        case suiteLevels = 24
    }

    private(set) var settings: LANSettings
    private var gatewayHardwareAddress = [UInt8](repeating: 0, count: 6)
    private var backupGateway = [UInt8](repeating: 0, count: 4)
    private var backupGatewayHardwareAddress = [UInt8](repeating: 0, count: 6)
    /// Of the traps that a BMC sends; eighteen bytes.
    private var community = Array("public".utf8) + [UInt8](repeating: 0, count: 12)
    private var progress = SetInProgress()

    private static let revision: UInt8 = 0x11
    /// How many suites parameters 23 and 24 have room for.
    private static let suiteRoom = 16
    private static let staticAddress: UInt8 = 0x01

    init(_ settings: LANSettings) { self.settings = settings }

    /// Set LAN Configuration Parameters (IPMI 2.0 §23.1).
    mutating func set(
        _ data: [UInt8],
        _ context: Context,
        _ sessions: inout SessionTable
    ) throws(CompletionFailure) -> Outcome {
        guard data.count >= 3 else { throw CompletionFailure(.wrongLength) }
        guard Channel.named(data[0]) != nil else { throw CompletionFailure(.invalidField) }
        guard let parameter = Parameter(rawValue: data[1]) else {
            throw CompletionFailure(.parameterNotSupported)
        }
        let value = Array(data[2...])
        switch parameter {
        case .setInProgress:
            guard value.count == 1 else { throw CompletionFailure(.wrongLength) }
            try progress.set(value[0], by: context.session, isOpen: context.isOpen)
        case .address:
            var new = settings
            new.address = try Self.address(value)
            guard (1...223).contains(new.address >> 24) else { throw CompletionFailure(.invalidField) }
            if new.address != settings.address { return .ask(.move(new)) }
        case .addressSource:
            guard value.count == 1 else { throw CompletionFailure(.wrongLength) }
            // Nobody in a lab would answer a BMC that asks for an address.
            guard value[0] & 0x0F == Self.staticAddress else { throw CompletionFailure(.notInPresentState) }
        case .mask:
            let mask = try Self.address(value)
            guard mask == 0 || (~mask).leadingZeroBitCount + (~mask).nonzeroBitCount == 32 else {
                throw CompletionFailure(.invalidField)
            }
            settings.mask = mask
        case .gateway: settings.gateway = try Self.address(value)
        case .gatewayHardwareAddress: gatewayHardwareAddress = try Self.bytes(value, 6)
        case .backupGateway: backupGateway = try Self.bytes(value, 4)
        case .backupGatewayHardwareAddress: backupGatewayHardwareAddress = try Self.bytes(value, 6)
        case .community: community = try Self.bytes(value, 18)
        case .authenticationEnables:
            guard let types = AuthenticationTypes(masks: try Self.bytes(value, 5)) else {
                throw CompletionFailure(.invalidField)
            }
            sessions.authenticationTypes = types
        case .suiteLevels:
            guard let suites = Self.suites(try Self.bytes(value, 1 + Self.suiteRoom / 2)) else {
                throw CompletionFailure(.invalidField)
            }
            sessions.cipherSuites = suites
        case .authenticationSupport, .hardwareAddress, .header, .primaryPort, .arpControl, .arpInterval,
            .destinations, .vlan, .vlanPriority, .suiteCount, .suites:
            throw CompletionFailure(.readOnly)
        }
        return .done
    }

    private static func bytes(_ value: [UInt8], _ count: Int) throws(CompletionFailure) -> [UInt8] {
        guard value.count == count else { throw CompletionFailure(.wrongLength) }
        return value
    }

    private static func address(_ value: [UInt8]) throws(CompletionFailure) -> UInt32 {
        try bytes(value, 4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Get LAN Configuration Parameters (IPMI 2.0 §23.2).
    func get(
        _ data: [UInt8],
        port: UInt16,
        _ context: Context,
        _ sessions: SessionTable
    ) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 4 else { throw CompletionFailure(.wrongLength) }
        guard Channel.named(data[0]) != nil else { throw CompletionFailure(.invalidField) }
        let wantsRevisionOnly = data[0] & 0x80 != 0
        if wantsRevisionOnly { return [Self.revision] }
        guard let parameter = Parameter(rawValue: data[1]) else {
            throw CompletionFailure(.parameterNotSupported)
        }
        let value: [UInt8] =
            switch parameter {
            case .setInProgress: [progress.state(context.isOpen)]
            case .authenticationSupport: [AuthenticationTypes.supported]
            case .authenticationEnables: sessions.authenticationTypes.masks
            case .address: Self.octets(settings.address)
            case .addressSource: [Self.staticAddress]
            case .hardwareAddress: settings.hardwareAddress
            case .mask: Self.octets(settings.mask)
            // What Linux sends: 64 hops, may not be fragmented, no precedence.
            case .header: [0x40, 0x40, 0x00]
            case .primaryPort: [UInt8(truncatingIfNeeded: port), UInt8(port >> 8)]
            // ARP requests are answered; nothing is said without being asked.
            case .arpControl: [0x02]
            case .arpInterval: [0x00]
            case .gateway: Self.octets(settings.gateway)
            case .gatewayHardwareAddress: gatewayHardwareAddress
            case .backupGateway: backupGateway
            case .backupGatewayHardwareAddress: backupGatewayHardwareAddress
            case .community: community
            // Alerts are sent to nobody.
            case .destinations: [0x00]
            case .vlan: [0x00, 0x00]
            case .vlanPriority: [0x00]
            case .suiteCount: [UInt8(CipherSuites.all.count)]
            case .suites:
                [0x00] + CipherSuites.all.map(\.rawValue)
                    + [UInt8](repeating: 0, count: Self.suiteRoom - CipherSuites.all.count)
            case .suiteLevels: [0x00] + Self.packed(sessions.cipherSuites.levels)
            }
        return [Self.revision] + value
    }

    private static func octets(_ address: UInt32) -> [UInt8] { Client(address: address, port: 0).octets }

    /// The highest level of each suite, two to a byte, the first in the low half.
    private static func packed(_ levels: [UInt8]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: suiteRoom / 2)
        for (index, level) in levels.enumerated() { bytes[index / 2] |= level << (index % 2 * 4) }
        return bytes
    }

    /// The suites that parameter 24 switches on; nil where it names levels that do not exist.
    private static func suites(_ value: [UInt8]) -> CipherSuites? {
        let levels = value.dropFirst().flatMap { [$0 & 0x0F, $0 >> 4] }
        guard levels[CipherSuites.all.count...].allSatisfy({ $0 == 0 }) else { return nil }
        return CipherSuites(levels: Array(levels.prefix(CipherSuites.all.count)))
    }

    /// The BMC has moved.
    mutating func moved(to new: LANSettings) { settings.address = new.address }
}
