/// The commands that this BMC knows, by network function.
package enum Command: Hashable, Sendable {
    case app(AppCommand)
    case payload(PayloadCommand)
    case watchdog(WatchdogCommand)
    case chassis(ChassisCommand)
    case sensor(SensorCommand)
    case storage(StorageCommand)
    case transport(TransportCommand)
    case dcmi(DCMICommand)

    /// Nil for what this BMC does not know.
    package init?(function: UInt8, code: UInt8) {
        let command: Command? =
            switch function {
            case AppCommand.function:
                AppCommand(rawValue: code).map(Command.app)
                    ?? PayloadCommand(rawValue: code).map(Command.payload)
                    ?? WatchdogCommand(rawValue: code).map(Command.watchdog)
            case ChassisCommand.function: ChassisCommand(rawValue: code).map(Command.chassis)
            case SensorCommand.function: SensorCommand(rawValue: code).map(Command.sensor)
            case StorageCommand.function: StorageCommand(rawValue: code).map(Command.storage)
            case TransportCommand.function: TransportCommand(rawValue: code).map(Command.transport)
            case DCMICommand.function: DCMICommand(rawValue: code).map(Command.dcmi)
            default: nil
            }
        guard let command else { return nil }
        self = command
    }

    package var name: String {
        switch self {
        case .app(let command): command.name
        case .payload(let command): command.name
        case .watchdog(let command): command.name
        case .chassis(let command): command.name
        case .sensor(let command): command.name
        case .storage(let command): command.name
        case .transport(let command): command.name
        case .dcmi(let command): command.name
        }
    }

    /// The level that it takes (IPMI 2.0 Appendix G); nil when it may be sent before log-in.
    package var privilege: PrivilegeLevel? {
        switch self {
        case .app(let command): command.privilege
        case .payload(let command): command.privilege
        case .watchdog(let command): command.privilege
        case .chassis(let command): command.privilege
        case .sensor(let command): command.privilege
        case .storage(let command): command.privilege
        case .transport(let command): command.privilege
        case .dcmi(let command): command.privilege
        }
    }

    /// Whether doing it twice differs from doing it once.
    var hasEffect: Bool {
        switch self {
        case .app(let command): command.hasEffect
        case .payload(let command): command.hasEffect
        case .watchdog(let command): command.hasEffect
        case .chassis(let command): command.hasEffect
        case .sensor(let command): command.hasEffect
        case .storage(let command): command.hasEffect
        case .transport(let command): command.hasEffect
        case .dcmi(let command): command.hasEffect
        }
    }

    /// Everything that this BMC knows.
    package static let all: [Command] =
        AppCommand.allCases.map(Command.app) + PayloadCommand.allCases.map(Command.payload)
        + WatchdogCommand.allCases.map(Command.watchdog) + ChassisCommand.allCases.map(Command.chassis)
        + SensorCommand.allCases.map(Command.sensor) + StorageCommand.allCases.map(Command.storage)
        + TransportCommand.allCases.map(Command.transport) + DCMICommand.allCases.map(Command.dcmi)

    /// The network function of its requests, and its number there.
    package var code: (function: UInt8, number: UInt8) {
        switch self {
        case .app(let command): (AppCommand.function, command.rawValue)
        case .payload(let command): (PayloadCommand.function, command.rawValue)
        case .watchdog(let command): (WatchdogCommand.function, command.rawValue)
        case .chassis(let command): (ChassisCommand.function, command.rawValue)
        case .sensor(let command): (SensorCommand.function, command.rawValue)
        case .storage(let command): (StorageCommand.function, command.rawValue)
        case .transport(let command): (TransportCommand.function, command.rawValue)
        case .dcmi(let command): (DCMICommand.function, command.rawValue)
        }
    }
}
