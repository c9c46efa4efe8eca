/// The commands of network function App (IPMI 2.0 §20 and §22, Appendix G).
package enum AppCommand: UInt8, Sendable, CaseIterable {
    case getDeviceID = 0x01
    case getSelfTestResults = 0x04
    case getSystemGUID = 0x37
    case getChannelAuthenticationCapabilities = 0x38
    case setSessionPrivilegeLevel = 0x3B
    case closeSession = 0x3C
    case getSessionInfo = 0x3D
    case getChannelAccess = 0x41
    case getChannelInfo = 0x42
    case getChannelCipherSuites = 0x54

    static let function: UInt8 = 0x06

    /// As the standard calls it.
    var name: String {
        switch self {
        case .getDeviceID: "Get Device ID"
        case .getSelfTestResults: "Get Self Test Results"
        case .getSystemGUID: "Get System GUID"
        case .getChannelAuthenticationCapabilities: "Get Channel Authentication Capabilities"
        case .setSessionPrivilegeLevel: "Set Session Privilege Level"
        case .closeSession: "Close Session"
        case .getSessionInfo: "Get Session Info"
        case .getChannelAccess: "Get Channel Access"
        case .getChannelInfo: "Get Channel Info"
        case .getChannelCipherSuites: "Get Channel Cipher Suites"
        }
    }

    /// The level that it takes; nil when it may be sent before log-in.
    var privilege: PrivilegeLevel? {
        switch self {
        case .getSystemGUID, .getChannelAuthenticationCapabilities, .getChannelCipherSuites: nil
        case .closeSession: .callback
        case .getDeviceID, .getSelfTestResults, .setSessionPrivilegeLevel, .getSessionInfo, .getChannelAccess,
            .getChannelInfo:
            .user
        }
    }

    /// Whether doing it twice differs from doing it once.
    var hasEffect: Bool { false }
}
