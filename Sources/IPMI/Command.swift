/// The commands that this BMC knows, by network function.
package enum Command: Hashable, Sendable {
    case app(AppCommand)
    case chassis(ChassisCommand)

    /// Nil for what this BMC does not know.
    package init?(function: UInt8, code: UInt8) {
        switch function {
        case AppCommand.function:
            guard let command = AppCommand(rawValue: code) else { return nil }
            self = .app(command)
        case ChassisCommand.function:
            guard let command = ChassisCommand(rawValue: code) else { return nil }
            self = .chassis(command)
        default: return nil
        }
    }

    package var name: String {
        switch self {
        case .app(let command): command.name
        case .chassis(let command): command.name
        }
    }

    /// The level that it takes (IPMI 2.0 Appendix G); nil when it may be sent before log-in.
    package var privilege: PrivilegeLevel? {
        switch self {
        case .app(let command): command.privilege
        case .chassis(let command): command.privilege
        }
    }

    /// Whether doing it twice differs from doing it once.
    var hasEffect: Bool {
        switch self {
        case .app(let command): command.hasEffect
        case .chassis(let command): command.hasEffect
        }
    }
}
