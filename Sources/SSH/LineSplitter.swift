/// Cuts a stream of bytes into lines without their ends, whether `\n` or `\r\n`.
struct LineSplitter {
    private var rest: [UInt8] = []
    /// A line longer than this is handed on in pieces, so that one without an end takes no memory.
    private let limit = 64 << 10

    mutating func split(_ bytes: ArraySlice<UInt8>, _ line: (String) -> Void) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") || rest.count >= limit { finish(line, always: true) }
            if byte != UInt8(ascii: "\n") { rest.append(byte) }
        }
    }

    /// Hands on what has no end of line.
    mutating func finish(_ line: (String) -> Void, always: Bool = false) {
        guard always || !rest.isEmpty else { return }
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        line(String(decoding: rest, as: UTF8.self))
        rest.removeAll(keepingCapacity: true)
    }
}
