// The channel: what may be asked of it, and how it lets people in (IPMI 2.0 §22.13 to §22.25).
extension ApplicationDevice {
    /// Get Channel Authentication Capabilities (IPMI 2.0 §22.13).
    func authenticationCapabilities(
        _ data: [UInt8],
        _ sessions: SessionTable
    ) throws(CompletionFailure)
        -> Outcome
    {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        guard let level = PrivilegeLevel(rawValue: data[1] & 0x0F) else {
            throw CompletionFailure(.invalidField)
        }
        let asksForVersion2 = data[0] & 0x80 != 0 && !sessions.isVersion15Only
        let types = sessions.authenticationTypes.mask(for: level)
        let access = sessions.access
        let unnamed = sessions.users.named([])
        var logins: UInt8 = sessions.hasChannelKey ? 0x20 : 0
        if access.isPerMessageAuthenticationDisabled { logins |= 0x10 }
        if access.isUserLevelAuthenticationDisabled { logins |= 0x08 }
        if sessions.users.accounts.contains(where: \.isEnabled) { logins |= 0x04 }
        if unnamed.contains(where: { $0.user.hasPassword }) { logins |= 0x02 }
        if unnamed.contains(where: { !$0.user.hasPassword }) { logins |= 0x01 }
        return .reply(
            .success,
            [
                try channel(data[0]),
                (asksForVersion2 ? 0x80 : 0x00) | types,
                logins,
                // Sessions of v2.0, and of v1.5 where a type is on.
                asksForVersion2 ? 0x02 | (types == 0 ? 0x00 : 0x01) : 0x00,
                0x00, 0x00, 0x00, 0x00,  // No vendor's type.
            ]
        )
    }

    /// Get Channel Cipher Suites, sixteen bytes of the list at a time (IPMI 2.0 §22.15).
    func cipherSuites(_ data: [UInt8], _ suites: [CipherSuite]) throws(CompletionFailure) -> Outcome {
        guard data.count == 3 else { throw CompletionFailure(.wrongLength) }
        let channel = try channel(data[0])
        let listsSuites = data[2] & 0x80 != 0
        let list =
            listsSuites
            ? suites.flatMap(\.record)
            : Set(suites.map(\.authentication.rawValue)).sorted()
                + Set(suites.map { 0x40 | $0.integrity.rawValue }).sorted()
                + Set(suites.map { 0x80 | $0.confidentiality.rawValue }).sorted()
        return .reply(.success, [channel] + list.dropFirst(Int(data[2] & 0x3F) * 16).prefix(16))
    }

    /// Set Channel Access (IPMI 2.0 §22.22).
    func setChannelAccess(
        _ data: [UInt8],
        _ sessions: inout SessionTable
    ) throws(CompletionFailure) -> Outcome {
        guard data.count == 3 else { throw CompletionFailure(.wrongLength) }
        _ = try channel(data[0])
        guard let forSettings = Store(rawValue: data[1] >> 6), let forLimit = Store(rawValue: data[2] >> 6)
        else {
            throw CompletionFailure(.invalidField)
        }
        for store in [Store.stored, .active] {
            var access = store == .active ? sessions.access : sessions.storedAccess
            if forSettings == store {
                guard let new = access.with(data[1]) else { throw CompletionFailure(.accessModeNotSupported) }
                access = new
            }
            if forLimit == store {
                guard let limit = PrivilegeLevel(rawValue: data[2] & 0x0F) else {
                    throw CompletionFailure(.invalidField)
                }
                access.limit = limit
            }
            if store == .active { sessions.set(access: access) } else { sessions.set(storedAccess: access) }
        }
        return .done
    }

    /// Which settings a command is about.
    private enum Store: UInt8 {
        case none = 0x00
        case stored = 0x01
        case active = 0x02
    }

    /// Get Channel Access (IPMI 2.0 §22.23).
    func channelAccess(_ data: [UInt8], _ sessions: SessionTable) throws(CompletionFailure) -> Outcome {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        _ = try channel(data[0])
        switch Store(rawValue: data[1] >> 6) {
        case .stored: return .reply(.success, sessions.storedAccess.encoded)
        case .active: return .reply(.success, sessions.access.encoded)
        case .some(.none), nil: throw CompletionFailure(.invalidField)
        }
    }

    /// Set Channel Security Keys: K_G may be set and read; there is no K_R, and nothing locks (IPMI 2.0 §22.25).
    func setSecurityKeys(_ data: [UInt8], _ sessions: inout SessionTable) throws(CompletionFailure) -> Outcome
    {
        guard data.count >= 3 else { throw CompletionFailure(.wrongLength) }
        _ = try channel(data[0])
        let (read, set): (UInt8, UInt8) = (0, 1)
        let (random, channelKey): (UInt8, UInt8) = (0, 1)
        let notLockable: UInt8 = 0
        guard data[2] != random else { throw CompletionFailure(.keyNotUsed) }
        guard data[2] == channelKey else { throw CompletionFailure(.invalidField) }
        let key = data.dropFirst(3)
        switch data[1] & 0x03 {
        case read:
            guard key.isEmpty else { throw CompletionFailure(.wrongLength) }
            return .reply(.success, [notLockable] + sessions.channelKey)
        case set:
            guard key.count >= SessionTable.channelKeyLength else { throw CompletionFailure(.keyTooShort) }
            guard key.count == SessionTable.channelKeyLength else { throw CompletionFailure(.keyTooLong) }
            sessions.channelKey = Array(key)
            return .reply(.success, [notLockable])
        default: throw CompletionFailure(.invalidField)
        }
    }

    /// Get Channel Info (IPMI 2.0 §22.24).
    func channelInfo(_ data: [UInt8], _ sessions: SessionTable) throws(CompletionFailure) -> Outcome {
        guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
        let multiSession: UInt8 = 0x80
        return .reply(
            .success,
            [
                try channel(data[0]), Channel.medium, Channel.messageFormat,
                multiSession | UInt8(sessions.sessions.count),
                0xF2, 0x1B, 0x00,  // IPMI's own enterprise number, 7154.
                0x00, 0x00,
            ]
        )
    }
}
