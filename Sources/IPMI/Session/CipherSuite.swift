/// The algorithms of a session, by the number that the standard gives to the combination (IPMI 2.0 §22.15.2).
///
/// Suites without authentication (0) and with algorithms of the last century (MD5, RC4) do not exist here.
package enum CipherSuite: UInt8, Sendable, CaseIterable {
    case sha1 = 1
    case sha1Signed = 2
    case sha1SignedEncrypted = 3
    case sha256 = 15
    case sha256Signed = 16
    case sha256SignedEncrypted = 17

    /// Those that are on unless somebody says otherwise.
    package static let standard: [CipherSuite] = [.sha1SignedEncrypted, .sha256SignedEncrypted]

    /// How log-in is proved (IPMI 2.0 §13.28).
    enum Authentication: UInt8 {
        case hmacSHA1 = 0x01
        case hmacSHA256 = 0x03
    }

    /// How packets are signed (IPMI 2.0 §13.28.4).
    enum Integrity: UInt8 {
        case none = 0x00
        case hmacSHA1x96 = 0x01
        case hmacSHA256x128 = 0x04

        /// Of the code at the end of a packet.
        var codeLength: Int {
            switch self {
            case .none: 0
            case .hmacSHA1x96: 12
            case .hmacSHA256x128: 16
            }
        }
    }

    /// How payloads are encrypted (IPMI 2.0 §13.28.5).
    enum Confidentiality: UInt8 {
        case none = 0x00
        case aesCBC128 = 0x01
    }

    var authentication: Authentication {
        switch self {
        case .sha1, .sha1Signed, .sha1SignedEncrypted: .hmacSHA1
        case .sha256, .sha256Signed, .sha256SignedEncrypted: .hmacSHA256
        }
    }

    var integrity: Integrity {
        switch self {
        case .sha1, .sha256: .none
        case .sha1Signed, .sha1SignedEncrypted: .hmacSHA1x96
        case .sha256Signed, .sha256SignedEncrypted: .hmacSHA256x128
        }
    }

    var confidentiality: Confidentiality {
        switch self {
        case .sha1, .sha256, .sha1Signed, .sha256Signed: .none
        case .sha1SignedEncrypted, .sha256SignedEncrypted: .aesCBC128
        }
    }

    /// Its record in the answer to Get Channel Cipher Suites (IPMI 2.0 §22.15.1).
    var record: [UInt8] {
        [
            0xC0, rawValue, authentication.rawValue, 0x40 | integrity.rawValue,
            0x80 | confidentiality.rawValue,
        ]
    }
}
