/// Everything that both sides of a RAKP log-in know at its end, and what they derive from it (IPMI 2.0 §13.31).
struct KeyExchange: Sendable {
    let suite: CipherSuite
    /// SID_M, the remote console's session ID.
    let consoleID: UInt32
    /// SID_C, the BMC's session ID.
    let managedID: UInt32
    /// R_M.
    let consoleRandom: [UInt8]
    /// R_C.
    let managedRandom: [UInt8]
    /// GUID_C.
    let guid: [UInt8]
    /// Role_M with the look-up bit, as it was sent.
    let role: UInt8
    let name: [UInt8]
    /// Under K_UID, the user's password.
    private let userKey: KeyedHash
    /// Under K_G; nil while none is set (one-key log-in).
    private let channelKey: KeyedHash?

    init(
        suite: CipherSuite,
        consoleID: UInt32,
        managedID: UInt32,
        consoleRandom: [UInt8],
        managedRandom: [UInt8],
        guid: [UInt8],
        role: UInt8,
        name: [UInt8],
        password: [UInt8],
        channelKey: [UInt8]? = nil
    ) {
        (self.suite, self.consoleID, self.managedID) = (suite, consoleID, managedID)
        (self.consoleRandom, self.managedRandom, self.guid) = (consoleRandom, managedRandom, guid)
        (self.role, self.name) = (role, name)
        // Filled up to twenty bytes with zeros (IPMI 2.0 §13.31), as HMAC fills up every key.
        userKey = KeyedHash(suite.authentication, key: password)
        self.channelKey = channelKey.map { KeyedHash(suite.authentication, key: $0) }
    }

    private var roleAndName: [UInt8] { [role, UInt8(name.count)] + name }

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

    /// SIK; its key is K_G, or the user's while none is set.
    var sessionIntegrityKey: KeyedHash {
        KeyedHash(
            suite.authentication,
            key: (channelKey ?? userKey).code(for: consoleRandom + managedRandom + roleAndName)
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
