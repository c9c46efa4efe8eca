/// When and how the LAN may be used (IPMI 2.0 §22.22).
struct ChannelAccess: Hashable, Sendable {
    /// Those that a BMC's own LAN can have: the other two are about sharing a port with the machine.
    enum Mode: UInt8, Sendable {
        case disabled = 0x00
        case always = 0x02
    }

    var mode = Mode.always
    /// No alerts leave this channel.
    var isAlertingDisabled = true
    /// In v1.5 only the activation of a session is authenticated.
    var isPerMessageAuthenticationDisabled = false
    /// In v1.5 commands of user level need not be authenticated.
    var isUserLevelAuthenticationDisabled = false
    /// No session rises above.
    var limit = PrivilegeLevel.administrator

    init() {}

    /// The settings of Set Channel Access' second byte, the limit left as it is; nil for another mode.
    func with(_ settings: UInt8) -> Self? {
        guard let mode = Mode(rawValue: settings & 0x07) else { return nil }
        var new = self
        new.mode = mode
        new.isAlertingDisabled = settings & 0x20 != 0
        new.isPerMessageAuthenticationDisabled = settings & 0x10 != 0
        new.isUserLevelAuthenticationDisabled = settings & 0x08 != 0
        return new
    }

    /// As Get Channel Access answers (IPMI 2.0 §22.23).
    var encoded: [UInt8] {
        [
            (isAlertingDisabled ? 0x20 : 0) | (isPerMessageAuthenticationDisabled ? 0x10 : 0)
                | (isUserLevelAuthenticationDisabled ? 0x08 : 0) | mode.rawValue,
            limit.rawValue,
        ]
    }
}
