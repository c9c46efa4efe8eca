import Crypto

/// SHA-256 as text.
enum Digest {
    static let empty = hex(of: "")

    static func hex(of text: String) -> String { hex(SHA256.hash(data: Array(text.utf8))) }

    static func hex(of bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

    static func hex(_ digest: SHA256.Digest) -> String {
        digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Whether a text can be one: it becomes a file's name.
    static func isOne(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
