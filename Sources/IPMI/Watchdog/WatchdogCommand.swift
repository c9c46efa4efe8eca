/// The commands of the watchdog timer, of network function App (IPMI 2.0 §27, Appendix G).
package enum WatchdogCommand: UInt8, Sendable, CaseIterable {
    case reset = 0x22
    case set = 0x24
    case get = 0x25

    static let function = AppCommand.function

    /// As the standard calls it.
    var name: String {
        switch self {
        case .reset: "Reset Watchdog Timer"
        case .set: "Set Watchdog Timer"
        case .get: "Get Watchdog Timer"
        }
    }

    /// The level that it takes.
    var privilege: PrivilegeLevel {
        switch self {
        case .reset, .set: .operator
        case .get: .user
        }
    }

    /// Whether doing it twice differs from doing it once.
    var hasEffect: Bool {
        switch self {
        case .set: true
        // The later of two resets within a moment is as good as the earlier.
        case .reset, .get: false
        }
    }
}
