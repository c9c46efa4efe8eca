// The users, for another protocol than IPMI, such as Redfish.
extension BMC {
    /// Those who have a name, by their numbers.
    package var accounts: [Account] { sessions.users.accounts }

    /// Who has that name and password and may log in.
    package func account(named name: String, password: String) -> Account? {
        let wanted = User.filled(Array(password.utf8))
        guard
            let id = sessions.users.named(name.utf8).first(where: {
                $0.id != UserTable.unnamed && constantTimeEqual(sessions.password(of: $0.user), wanted)
            })?.id
        else { return nil }
        return accounts.first { $0.id == id }
    }

    /// Adds a user, and says under which number; nil when there is no room, or the account is not valid.
    package mutating func add(_ account: Account) -> UInt8? {
        guard account.isValid, let id = sessions.users.free else { return nil }
        sessions.set(User(account), at: id)
        return id
    }

    /// Changes the user of that number; sessions end or sink as with IPMI's own commands.
    package mutating func change(_ account: Account) -> Bool {
        guard account.isValid, account.id != UserTable.unnamed, var user = sessions.users[account.id] else {
            return false
        }
        let new = User(account)
        (user.name, user.password, user.isEnabled, user.limit) = (
            new.name, new.password, new.isEnabled, new.limit
        )
        if account.isEnabled { user.access.insert(.messaging) }
        sessions.set(user, at: account.id)
        sessions.closeEnded()
        return true
    }

    /// Removes the user of that number, and ends their sessions.
    package mutating func removeAccount(_ id: UInt8) -> Bool {
        guard id != UserTable.unnamed, let user = sessions.users[id], !user.name.isEmpty else { return false }
        sessions.set(User(), at: id)
        sessions.closeEnded()
        return true
    }
}
