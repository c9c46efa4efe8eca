/// The commands of network function Sensor/Event (IPMI 2.0 §29 to §35, Appendix G).
package enum SensorCommand: UInt8, Sendable, CaseIterable {
    case getEventReceiver = 0x01

    static let function: UInt8 = 0x04

    /// As the standard calls it.
    var name: String {
        switch self {
        case .getEventReceiver: "Get Event Receiver"
        }
    }

    /// The level that it takes.
    var privilege: PrivilegeLevel {
        switch self {
        case .getEventReceiver: .user
        }
    }

    /// Whether doing it twice differs from doing it once.
    var hasEffect: Bool {
        switch self {
        case .getEventReceiver: false
        }
    }
}
