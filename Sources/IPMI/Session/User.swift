/// What the BMC keeps of one user (IPMI 2.0 §22.26 to §22.31).
struct User: Hashable, Sendable {
    /// The shorter of the two sizes that a password is kept in, the only one that v1.5 knows (IPMI 2.0 §22.30).
    static let shortPassword = 16

    /// Without the zeros that fill it up.
    var name: [UInt8] = []
    /// Sixteen or twenty bytes, filled up with zeros.
    var password = [UInt8](repeating: 0, count: shortPassword)
    var isEnabled = false
    /// Nil: no access.
    var limit: PrivilegeLevel?
    /// Bits 6 to 4 of Set User Access: restricted to callback, link authentication, IPMI messaging.
    var access = Access.messaging
    /// How many sessions the user may have at a time; 0 leaves that to the BMC.
    var sessions = 0

    struct Access: OptionSet, Hashable, Sendable {
        var rawValue: UInt8
        static let callbackOnly = Access(rawValue: 0x40)
        static let linkAuthentication = Access(rawValue: 0x20)
        static let messaging = Access(rawValue: 0x10)
        static let all: Access = [.callbackOnly, .linkAuthentication, .messaging]
    }

    init() {}

    init(_ account: Account) {
        name = Array(account.name.utf8)
        password = Self.filled(Array(account.password.utf8))
        (isEnabled, limit) = (account.isEnabled, account.limit)
    }

    /// A password as it is kept: in sixteen bytes if it fits.
    static func filled(_ password: [UInt8]) -> [UInt8] {
        let size = password.count > shortPassword ? Account.longestPassword : shortPassword
        return password + [UInt8](repeating: 0, count: max(0, size - password.count))
    }

    var hasPassword: Bool { password.contains { $0 != 0 } }

    /// The highest level of a session; nil for a user who may have none.
    var level: PrivilegeLevel? {
        guard isEnabled, access.contains(.messaging), let limit else { return nil }
        return access.contains(.callbackOnly) ? .callback : limit
    }
}
