/// The commands of network function Chassis (IPMI 2.0 §28, Appendix G).
package enum ChassisCommand: UInt8, Sendable, CaseIterable {
    case getCapabilities = 0x00
    case getStatus = 0x01
    case control = 0x02
    case identify = 0x04
    case setCapabilities = 0x05
    case setPowerRestorePolicy = 0x06
    case getRestartCause = 0x07
    case setBootOptions = 0x08
    case getBootOptions = 0x09
    case setPowerCycleInterval = 0x0B
    case getPowerOnHours = 0x0F

    static let function: UInt8 = 0x00

    /// As the standard calls it.
    var name: String {
        switch self {
        case .getCapabilities: "Get Chassis Capabilities"
        case .getStatus: "Get Chassis Status"
        case .control: "Chassis Control"
        case .identify: "Chassis Identify"
        case .setCapabilities: "Set Chassis Capabilities"
        case .setPowerRestorePolicy: "Set Power Restore Policy"
        case .getRestartCause: "Get System Restart Cause"
        case .setBootOptions: "Set System Boot Options"
        case .getBootOptions: "Get System Boot Options"
        case .setPowerCycleInterval: "Set Power Cycle Interval"
        case .getPowerOnHours: "Get POH Counter"
        }
    }

    /// The level that it takes.
    var privilege: PrivilegeLevel {
        switch self {
        case .getCapabilities, .getStatus, .getRestartCause, .getPowerOnHours: .user
        case .control, .identify, .setPowerRestorePolicy, .setBootOptions, .getBootOptions: .operator
        case .setCapabilities, .setPowerCycleInterval: .administrator
        }
    }

    /// Whether doing it twice differs from doing it once.
    var hasEffect: Bool {
        switch self {
        case .control, .identify, .setCapabilities, .setPowerRestorePolicy, .setBootOptions,
            .setPowerCycleInterval:
            true
        case .getCapabilities, .getStatus, .getRestartCause, .getBootOptions, .getPowerOnHours: false
        }
    }
}
