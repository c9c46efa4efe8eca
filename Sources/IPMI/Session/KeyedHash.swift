import Crypto

/// HMAC with the hash that a cipher suite names.
enum KeyedHash: Sendable {
    case sha1
    case sha256

    init(_ authentication: CipherSuite.Authentication) {
        switch authentication {
        case .hmacSHA1: self = .sha1
        case .hmacSHA256: self = .sha256
        }
    }

    func code(for bytes: some Sequence<UInt8>, key: SymmetricKey) -> [UInt8] {
        let bytes = Array(bytes)
        return switch self {
        case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: bytes, using: key))
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
        }
    }
}

/// Compares in a time that does not tell where they differ.
func constantTimeEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    left.count == right.count && zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
}
