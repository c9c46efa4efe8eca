// Users and their passwords (IPMI 2.0 §22.26 to §22.30).
extension ApplicationDevice {
    /// The user that the low six bits of a byte name.
    private func user(
        _ byte: UInt8,
        _ users: UserTable
    ) throws(CompletionFailure) -> (id: UInt8, user: User) {
        let id = byte & 0x3F
        guard let user = users[id] else { throw CompletionFailure(.invalidField) }
        return (id, user)
    }

    /// The level F stands for no access (IPMI 2.0 §22.26).
    private static let noAccess: UInt8 = 0x0F

    /// Set User Access (IPMI 2.0 §22.26).
    func setUserAccess(_ data: [UInt8], _ sessions: inout SessionTable) throws(CompletionFailure) -> Outcome {
        guard data.count == 3 || data.count == 4 else { throw CompletionFailure(.wrongLength) }
        _ = try channel(data[0])
        var (id, user) = try user(data[1], sessions.users)
        let changesAccess = data[0] & 0x80 != 0
        if changesAccess { user.access = User.Access(rawValue: data[0]).intersection(.all) }
        let level = data[2] & 0x0F
        user.limit = PrivilegeLevel(rawValue: level)
        guard user.limit != nil || level == Self.noAccess else { throw CompletionFailure(.invalidField) }
        if data.count == 4 { user.sessions = Int(data[3] & 0x0F) }
        sessions.set(user, at: id)
        return .done
    }

    /// Get User Access (IPMI 2.0 §22.27).
    func userAccess(_ data: [UInt8], _ users: UserTable) throws(CompletionFailure) -> Outcome {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        _ = try channel(data[0])
        let user = try user(data[1], users).user
        let (enabled, disabled): (UInt8, UInt8) = (0x40, 0x80)
        let fixedNames: UInt8 = 1  // User 1's.
        return .reply(
            .success,
            [
                UserTable.count,
                (user.isEnabled ? enabled : disabled) | UInt8(users.enabledCount),
                fixedNames,
                user.access.rawValue | (user.limit?.rawValue ?? Self.noAccess),
            ]
        )
    }

    /// Set User Name (IPMI 2.0 §22.28).
    func setUserName(_ data: [UInt8], _ sessions: inout SessionTable) throws(CompletionFailure) -> Outcome {
        guard data.count == 1 + Account.longestName else { throw CompletionFailure(.wrongLength) }
        var (id, user) = try user(data[0], sessions.users)
        let name = data[1...].prefix { $0 != 0 }
        // User 1 has no name for good; what follows the end of a name is nothing but zeros.
        guard id != UserTable.unnamed, data[1...].dropFirst(name.count).allSatisfy({ $0 == 0 }) else {
            throw CompletionFailure(.invalidField)
        }
        user.name = Array(name)
        sessions.set(user, at: id)
        return .done
    }

    /// Get User Name (IPMI 2.0 §22.29).
    func userName(_ data: [UInt8], _ users: UserTable) throws(CompletionFailure) -> Outcome {
        guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
        let name = try user(data[0], users).user.name
        return .reply(.success, name + [UInt8](repeating: 0, count: Account.longestName - name.count))
    }

    /// Set User Password (IPMI 2.0 §22.30).
    func setUserPassword(_ data: [UInt8], _ sessions: inout SessionTable) throws(CompletionFailure) -> Outcome
    {
        guard data.count >= 2 else { throw CompletionFailure(.wrongLength) }
        var (id, user) = try user(data[0], sessions.users)
        let isLong = data[0] & 0x80 != 0
        let size = isLong ? Account.longestPassword : User.shortPassword
        let password = Array(data.dropFirst(2))
        guard let operation = PasswordOperation(rawValue: data[1] & 0x03),
            password.count == size || (password.isEmpty && operation.isSwitch)
        else { throw CompletionFailure(.wrongLength) }
        switch operation {
        case .disable: user.isEnabled = false
        case .enable: user.isEnabled = true
        case .set: user.password = password
        case .test:
            guard user.password.count == size else { throw CompletionFailure(.wrongPasswordSize) }
            guard constantTimeEqual(user.password, password) else { throw CompletionFailure(.wrongPassword) }
            return .done
        }
        sessions.set(user, at: id)
        return .done
    }

    private enum PasswordOperation: UInt8 {
        case disable = 0x00
        case enable = 0x01
        case set = 0x02
        case test = 0x03

        /// Needs no password.
        var isSwitch: Bool { self == .disable || self == .enable }
    }
}
