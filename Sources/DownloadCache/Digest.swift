import Crypto

/// SHA-256 as text.
enum Digest {
    static let empty = hex(of: "")

    static func hex(of text: String) -> String { hex(SHA256.hash(data: Array(text.utf8))) }

    static func hex(of bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

    static func hex(_ digest: SHA256.Digest) -> String {
        String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// Whether a text can be one: it becomes a file's name.
    static func isOne(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
