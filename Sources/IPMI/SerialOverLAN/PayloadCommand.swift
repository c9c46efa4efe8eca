/// The commands about what a session carries besides messages, of network function App (IPMI 2.0 §24, Appendix G).
package enum PayloadCommand: UInt8, Sendable, CaseIterable {
    case activate = 0x48
    case deactivate = 0x49
    case getActivationStatus = 0x4A
    case getInstanceInfo = 0x4B
    case setUserAccess = 0x4C
    case getUserAccess = 0x4D
    case getChannelSupport = 0x4E
    case getChannelVersion = 0x4F
    case controlEncryption = 0x55

    static let function = AppCommand.function

    /// As the standard calls it.
    var name: String {
        switch self {
        case .activate: "Activate Payload"
        case .deactivate: "Deactivate Payload"
        case .getActivationStatus: "Get Payload Activation Status"
        case .getInstanceInfo: "Get Payload Instance Info"
        case .setUserAccess: "Set User Payload Access"
        case .getUserAccess: "Get User Payload Access"
        case .getChannelSupport: "Get Channel Payload Support"
        case .getChannelVersion: "Get Channel Payload Version"
        case .controlEncryption: "Suspend/Resume Payload Encryption"
        }
    }

    /// The level that it takes; to activate a payload takes what that payload's settings say, too.
    var privilege: PrivilegeLevel {
        switch self {
        case .activate, .deactivate, .getActivationStatus, .getInstanceInfo, .getChannelSupport,
            .getChannelVersion, .controlEncryption:
            .user
        case .getUserAccess: .operator
        case .setUserAccess: .administrator
        }
    }

    /// Whether doing it twice differs from doing it once.
    var hasEffect: Bool {
        switch self {
        case .activate, .deactivate, .setUserAccess, .controlEncryption: true
        case .getActivationStatus, .getInstanceInfo, .getUserAccess, .getChannelSupport, .getChannelVersion:
            false
        }
    }
}
