/// Somebody who may log in, as whoever runs the BMC sees them; the BMC itself keeps a `User`.
package struct Account: Hashable, Sendable {
    /// The longest name (IPMI 2.0 §22.28).
    package static let longestName = 16
    /// The longest password (IPMI 2.0 §22.30); one that is longer than sixteen bytes is of no use in v1.5.
    package static let longestPassword = 20

    /// The number that the BMC knows the user by, 1 to 15; 0 before the BMC has given it one.
    package var id: UInt8 = 0
    package var name: String
    package var password: String
    /// The highest level of a session of this user.
    package var limit: PrivilegeLevel
    package var isEnabled = true

    package init(name: String, password: String, limit: PrivilegeLevel = .administrator) {
        (self.name, self.password, self.limit) = (name, password, limit)
    }

    /// Whether a BMC can keep it.
    package var isValid: Bool {
        (1...Self.longestName).contains(name.utf8.count) && password.utf8.count <= Self.longestPassword
    }
}
