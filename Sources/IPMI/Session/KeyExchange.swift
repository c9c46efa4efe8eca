/// Everything that both sides of a RAKP log-in know at its end, and what they derive from it (IPMI 2.0 §13.31).
struct KeyExchange: Sendable {
    var suite: CipherSuite
    /// SID_M, the remote console's session ID.
    var consoleID: UInt32
    /// SID_C, the BMC's session ID.
    var managedID: UInt32
    /// R_M.
    var consoleRandom: [UInt8]
    /// R_C.
    var managedRandom: [UInt8]
    /// GUID_C.
    var guid: [UInt8]
    /// Role_M with the look-up bit, as it was sent.
    var role: UInt8
    var name: [UInt8]
    /// K_UID; the user's password.
    var password: [UInt8]

    private var userKey: KeyedHash { KeyedHash(suite.authentication, key: Self.padded(password)) }
    private var roleAndName: [UInt8] { [role, UInt8(name.count)] + name }

    /// Passwords are kept in twenty bytes, filled with zeros (IPMI 2.0 §13.31).
    private static func padded(_ password: [UInt8]) -> [UInt8] {
        password + [UInt8](repeating: 0, count: max(0, Account.longestPassword - password.count))
    }

    private static func bytes(_ number: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: number)
        return bytes
    }

    /// With which the BMC proves in RAKP message 2 that it knows the password.
    var managedProof: [UInt8] {
        userKey.code(
            for: Self.bytes(consoleID) + Self.bytes(managedID) + consoleRandom + managedRandom + guid
                + roleAndName
        )
    }

    /// With which the remote console proves in RAKP message 3 that it knows it too.
    var consoleProof: [UInt8] {
        userKey.code(for: managedRandom + Self.bytes(consoleID) + roleAndName)
    }

    /// SIK; its key is K_G, which is the user's while none is set (one-key log-in).
    var sessionIntegrityKey: KeyedHash {
        KeyedHash(
            suite.authentication,
            key: userKey.code(for: consoleRandom + managedRandom + roleAndName)
        )
    }

    /// With which the BMC ends the log-in in RAKP message 4, cut to the length of the integrity algorithm's codes.
    func finalProof(_ key: KeyedHash) -> [UInt8] {
        let code = key.code(for: consoleRandom + Self.bytes(managedID) + guid)
        switch suite.integrity {
        // Without an integrity algorithm the codes are as long as with the one of the same hash.
        case .none: return Array(code.prefix(suite.authentication == .hmacSHA1 ? 12 : 16))
        case .hmacSHA1x96, .hmacSHA256x128: return Array(code.prefix(suite.integrity.codeLength))
        }
    }

    /// K_1, K_2: further keys from the SIK (IPMI 2.0 §13.32).
    func additionalKey(_ number: UInt8, from key: KeyedHash) -> [UInt8] {
        key.code(for: [UInt8](repeating: number, count: 20))
    }
}
