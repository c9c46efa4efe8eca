/// The commands of network function Transport (IPMI 2.0 §23 and §26, Appendix G).
package enum TransportCommand: UInt8, Sendable, CaseIterable {
    case getLANConfiguration = 0x02

    static let function: UInt8 = 0x0C

    /// As the standard calls it.
    var name: String {
        switch self {
        case .getLANConfiguration: "Get LAN Configuration Parameters"
        }
    }

    /// The level that it takes.
    var privilege: PrivilegeLevel {
        switch self {
        case .getLANConfiguration: .operator
        }
    }

    /// Whether doing it twice differs from doing it once.
    var hasEffect: Bool {
        switch self {
        case .getLANConfiguration: false
        }
    }
}
