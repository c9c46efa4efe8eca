/// The commands of network function Transport (IPMI 2.0 §23 and §26, Appendix G).
package enum TransportCommand: UInt8, Sendable, CaseIterable {
    case getLANConfiguration = 0x02
    case setSOLConfiguration = 0x21
    case getSOLConfiguration = 0x22

    static let function: UInt8 = 0x0C

    /// As the standard calls it.
    var name: String {
        switch self {
        case .getLANConfiguration: "Get LAN Configuration Parameters"
        case .setSOLConfiguration: "Set SOL Configuration Parameters"
        case .getSOLConfiguration: "Get SOL Configuration Parameters"
        }
    }

    /// The level that it takes.
    var privilege: PrivilegeLevel {
        switch self {
        case .getLANConfiguration: .operator
        case .setSOLConfiguration: .administrator
        case .getSOLConfiguration: .user
        }
    }

    /// Whether doing it twice differs from doing it once.
    var hasEffect: Bool {
        switch self {
        case .setSOLConfiguration: true
        case .getLANConfiguration, .getSOLConfiguration: false
        }
    }
}
