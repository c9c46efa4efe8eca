import Crypto
import FoundationEssentials

/// HMAC with the hash that a cipher suite names, under one key (RFC 2104).
///
/// The key's share of the work is done once, here: each code goes on from copies of these states (RFC 2104 §4).
struct KeyedHash: Sendable {
    private enum States: Sendable {
        case sha1(Pair<Insecure.SHA1>)
        case sha256(Pair<SHA256>)
    }

    private let states: States

    init(_ authentication: CipherSuite.Authentication, key: [UInt8]) {
        switch authentication {
        case .hmacSHA1: states = .sha1(Pair(key: key))
        case .hmacSHA256: states = .sha256(Pair(key: key))
        }
    }

    func code(for bytes: [UInt8]) -> [UInt8] {
        var signed = bytes
        sign(&signed, from: 0, length: .max)
        return Array(signed[bytes.count...])
    }

    /// Appends the code for what begins at `start`, cut to `length`.
    func sign(_ bytes: inout [UInt8], from start: Int, length: Int) {
        switch states {
        case .sha1(let pair): pair.append(codeFor: start..<bytes.count, of: &bytes, length: length)
        case .sha256(let pair): pair.append(codeFor: start..<bytes.count, of: &bytes, length: length)
        }
    }

    /// Whether the last `length` bytes are the code for those between them and `start`.
    func verify(_ bytes: [UInt8], from start: Int, length: Int) -> Bool {
        let code = bytes.suffix(length)
        return switch states {
        case .sha1(let pair): pair.verify(bytes, start..<code.startIndex, code)
        case .sha256(let pair): pair.verify(bytes, start..<code.startIndex, code)
        }
    }

    /// The inner and the outer hash, each after its block of the key.
    private struct Pair<Hash: HashFunction & Sendable>: Sendable {
        private var inner = Hash()
        private var outer = Hash()

        init(key: [UInt8]) {
            var block = key.count > Hash.blockByteCount ? Array(Hash.hash(data: key)) : key
            block += repeatElement(0, count: Hash.blockByteCount - block.count)
            inner.update(data: block.map { $0 ^ 0x36 })
            outer.update(data: block.map { $0 ^ 0x5C })
        }

        func code(for bytes: [UInt8], _ range: Range<Int>) -> Hash.Digest {
            var (inner, outer) = (inner, outer)
            unsafe bytes.withUnsafeBytes {
                unsafe inner.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[range]))
            }
            unsafe inner.finalize().withUnsafeBytes { unsafe outer.update(bufferPointer: $0) }
            return outer.finalize()
        }

        func append(codeFor range: Range<Int>, of bytes: inout [UInt8], length: Int) {
            let code = code(for: bytes, range)
            unsafe code.withUnsafeBytes { unsafe bytes += $0.prefix(length) }
        }

        func verify(_ bytes: [UInt8], _ range: Range<Int>, _ sent: ArraySlice<UInt8>) -> Bool {
            let code = code(for: bytes, range)
            return unsafe code.withUnsafeBytes {
                unsafe constantTimeEqual($0.prefix(sent.count), sent)
            }
        }
    }
}

/// Compares in a time that does not tell where they differ.
func constantTimeEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    left.count == right.count && zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
}
