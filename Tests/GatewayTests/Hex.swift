import NIOCore

/// Bytes from annotated hex: anything behind `#` on a line is for the reader.
func hex(_ text: String) -> ByteBuffer {
    var buffer = ByteBuffer()
    for line in text.split(separator: "\n") {
        let digits = line.prefix { $0 != "#" }.filter(\.isHexDigit)
        for pair in 0..<(digits.count / 2) {
            let start = digits.index(digits.startIndex, offsetBy: 2 * pair)
            buffer.writeInteger(UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16) ?? 0)
        }
    }
    return buffer
}
