/// The commands of network function App (IPMI 2.0 §20 and §22, Appendix G).
package enum AppCommand: UInt8, Sendable, CaseIterable {
    case getDeviceID = 0x01
    case coldReset = 0x02
    case warmReset = 0x03
    case getSelfTestResults = 0x04
    case setACPIPowerState = 0x06
    case getACPIPowerState = 0x07
    case getDeviceGUID = 0x08
    case getGlobalEnables = 0x2F
    case getSystemGUID = 0x37
    case getChannelAuthenticationCapabilities = 0x38
    case getSessionChallenge = 0x39
    case activateSession = 0x3A
    case setSessionPrivilegeLevel = 0x3B
    case closeSession = 0x3C
    case getSessionInfo = 0x3D
    case setChannelAccess = 0x40
    case getChannelAccess = 0x41
    case getChannelInfo = 0x42
    case setUserAccess = 0x43
    case getUserAccess = 0x44
    case setUserName = 0x45
    case getUserName = 0x46
    case setUserPassword = 0x47
    case getChannelCipherSuites = 0x54
    case setChannelSecurityKeys = 0x56
    case setSystemInfo = 0x58
    case getSystemInfo = 0x59

    static let function: UInt8 = 0x06

    /// As the standard calls it.
    var name: String {
        switch self {
        case .getDeviceID: "Get Device ID"
        case .coldReset: "Cold Reset"
        case .warmReset: "Warm Reset"
        case .getSelfTestResults: "Get Self Test Results"
        case .setACPIPowerState: "Set ACPI Power State"
        case .getACPIPowerState: "Get ACPI Power State"
        case .getDeviceGUID: "Get Device GUID"
        case .getGlobalEnables: "Get BMC Global Enables"
        case .getSystemGUID: "Get System GUID"
        case .getChannelAuthenticationCapabilities: "Get Channel Authentication Capabilities"
        case .getSessionChallenge: "Get Session Challenge"
        case .activateSession: "Activate Session"
        case .setSessionPrivilegeLevel: "Set Session Privilege Level"
        case .closeSession: "Close Session"
        case .getSessionInfo: "Get Session Info"
        case .setChannelAccess: "Set Channel Access"
        case .getChannelAccess: "Get Channel Access"
        case .getChannelInfo: "Get Channel Info"
        case .setUserAccess: "Set User Access"
        case .getUserAccess: "Get User Access"
        case .setUserName: "Set User Name"
        case .getUserName: "Get User Name"
        case .setUserPassword: "Set User Password"
        case .getChannelCipherSuites: "Get Channel Cipher Suites"
        case .setChannelSecurityKeys: "Set Channel Security Keys"
        case .setSystemInfo: "Set System Info Parameters"
        case .getSystemInfo: "Get System Info Parameters"
        }
    }

    /// The level that it takes; nil when it may be sent before log-in.
    var privilege: PrivilegeLevel? {
        switch self {
        case .getSystemGUID, .getChannelAuthenticationCapabilities, .getSessionChallenge, .activateSession,
            .getChannelCipherSuites:
            nil
        case .closeSession: .callback
        case .getDeviceID, .getSelfTestResults, .getACPIPowerState, .getDeviceGUID, .getGlobalEnables,
            .setSessionPrivilegeLevel, .getSessionInfo, .getChannelAccess, .getChannelInfo, .getSystemInfo:
            .user
        case .getUserAccess, .getUserName: .operator
        case .coldReset, .warmReset, .setACPIPowerState, .setChannelAccess, .setUserAccess, .setUserName,
            .setUserPassword,
            .setChannelSecurityKeys, .setSystemInfo:
            .administrator
        }
    }

    /// Whether doing it twice differs from doing it once.
    var hasEffect: Bool { false }
}
