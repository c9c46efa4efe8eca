import Crypto
import CryptoExtras

/// AES-128 in CBC mode over whole blocks, in place (NIST SP 800-38A §6.2).
struct BlockCipher: Sendable {
    static let block = 16

    private let key: SymmetricKey

    /// Takes as much of the key as AES-128 does.
    init(key: [UInt8]) { self.key = SymmetricKey(data: key.prefix(Self.block)) }

    /// Encrypts what follows the block at `start`, which holds the initialization vector, to the end.
    func encrypt(_ bytes: inout [UInt8], after start: Int) throws {
        try unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            for block in stride(from: start + Self.block, to: bytes.count, by: Self.block) {
                for index in block..<block + Self.block { unsafe bytes[index] ^= bytes[index - Self.block] }
                try unsafe permute(bytes, at: block, AES.permute)
            }
        }
    }

    /// Decrypts what follows the block at `start`, which holds the initialization vector, to the end.
    func decrypt(_ bytes: inout [UInt8], after start: Int) throws {
        try unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            // Backwards, so that the block before is still what was received.
            for block in stride(from: bytes.count - Self.block, to: start, by: -Self.block) {
                try unsafe permute(bytes, at: block, AES.inversePermute)
                for index in block..<block + Self.block { unsafe bytes[index] ^= bytes[index - Self.block] }
            }
        }
    }

    /// Makes of a block that is there once a vector that nobody can foresee (NIST SP 800-38A, appendix C).
    func makeVector(_ bytes: inout [UInt8], at start: Int) throws {
        try unsafe bytes.withUnsafeMutableBufferPointer { try unsafe permute($0, at: start, AES.permute) }
    }

    private func permute(
        _ bytes: UnsafeMutableBufferPointer<UInt8>,
        at start: Int,
        _ permutation: (inout UnsafeMutableBufferPointer<UInt8>, SymmetricKey) throws -> Void
    ) throws {
        var block = unsafe UnsafeMutableBufferPointer(rebasing: bytes[start..<start + Self.block])
        try unsafe permutation(&block, key)
    }
}
