/// One part of a host's name (RFC 1123 §2.1).
package struct DNSLabel {
    package static let rule = "use 1 to 63 letters, digits and hyphens, no hyphen at either end"

    package static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let allowed = bytes.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x2D
        }
        return (1...63).contains(bytes.count) && allowed && bytes.first != 0x2D && bytes.last != 0x2D
    }
}
