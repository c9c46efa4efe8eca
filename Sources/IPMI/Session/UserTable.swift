/// The users by their numbers, 1 to 15, which are fixed (IPMI 2.0 §6.9).
struct UserTable: Hashable, Sendable {
    static let count: UInt8 = 15
    /// The one without a name, who is switched off until somebody switches them on (IPMI 2.0 §22.28).
    static let unnamed: UInt8 = 1

    private var users: [User]

    /// The first account is user 2's, and so on.
    init(_ accounts: [Account]) {
        precondition(accounts.count < Self.count, "a BMC has fifteen users")
        users = [User(limit: .administrator)] + accounts.map(User.init)
        users += repeatElement(User(), count: Int(Self.count) - users.count)
    }

    /// Nil for a number that no user can have.
    subscript(_ id: UInt8) -> User? { Self.range.contains(id) ? users[Int(id) - 1] : nil }

    mutating func set(_ user: User, at id: UInt8) { users[Int(id) - 1] = user }

    static let range = 1...count

    /// A number that nobody has.
    var free: UInt8? { Self.range.dropFirst().first { self[$0]?.name.isEmpty ?? false } }

    /// Those of that name who may log in; the empty name is user 1's alone.
    func named(_ name: some Sequence<UInt8>) -> [(id: UInt8, user: User, level: PrivilegeLevel)] {
        zip(Self.range, users).compactMap { id, user in
            guard id == Self.unnamed || !user.name.isEmpty, user.name.elementsEqual(name),
                let level = user.level
            else { return nil }
            return (id, user, level)
        }
    }

    var enabledCount: Int { users.count { $0.isEnabled } }

    /// Those who have a name.
    var accounts: [Account] {
        zip(Self.range, users).filter { !$1.name.isEmpty }.map { id, user in
            let password = user.password.prefix { $0 != 0 }
            var account = Account(
                name: String(decoding: user.name, as: UTF8.self),
                password: String(decoding: password, as: UTF8.self),
                limit: user.limit ?? .callback
            )
            (account.id, account.isEnabled) = (id, user.level != nil)
            return account
        }
    }
}

extension User {
    fileprivate init(limit: PrivilegeLevel) {
        self.init()
        self.limit = limit
    }
}
