/// The commands of network function Transport (IPMI 2.0 §23 and §26, Appendix G).
package enum TransportCommand: UInt8, Sendable, CaseIterable {
    case setLANConfiguration = 0x01
    case getLANConfiguration = 0x02
    case getStatistics = 0x04
    case setSOLConfiguration = 0x21
    case getSOLConfiguration = 0x22

    static let function: UInt8 = 0x0C

    /// As the standard calls it.
    var name: String {
        switch self {
        case .setLANConfiguration: "Set LAN Configuration Parameters"
        case .getStatistics: "Get IP/UDP/RMCP Statistics"
        case .getLANConfiguration: "Get LAN Configuration Parameters"
        case .setSOLConfiguration: "Set SOL Configuration Parameters"
        case .getSOLConfiguration: "Get SOL Configuration Parameters"
        }
    }

    /// The level that it takes.
    var privilege: PrivilegeLevel {
        switch self {
        case .getLANConfiguration: .operator
        case .setLANConfiguration, .setSOLConfiguration: .administrator
        case .getStatistics, .getSOLConfiguration: .user
        }
    }

    /// Whether doing it twice differs from doing it once.
    var hasEffect: Bool {
        switch self {
        case .setLANConfiguration, .setSOLConfiguration, .getStatistics: true
        case .getLANConfiguration, .getSOLConfiguration: false
        }
    }
}
