/// Somebody who may log in.
package struct Account: Hashable, Sendable {
    /// The longest name (IPMI 2.0 §22.28).
    package static let longestName = 16
    /// The longest password (IPMI 2.0 §22.30).
    package static let longestPassword = 20

    package var name: String
    package var password: String
    /// The highest level of a session of this user.
    package var limit: PrivilegeLevel

    package init(name: String, password: String, limit: PrivilegeLevel = .administrator) {
        (self.name, self.password, self.limit) = (name, password, limit)
    }
}
