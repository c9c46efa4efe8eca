/// A pattern of a path or a host: `?` is one character, `*` any number, neither of them `/`; `**` is anything.
package struct Glob: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    private enum Token: Hashable, Sendable {
        case byte(UInt8)
        case one
        case segment
        case anything
    }

    package let description: String
    private let tokens: [Token]

    package init(_ pattern: String) {
        description = pattern
        var tokens: [Token] = []
        for byte in pattern.utf8 {
            switch (byte, tokens.last) {
            case (UInt8(ascii: "*"), .segment): tokens[tokens.count - 1] = .anything
            case (UInt8(ascii: "*"), .anything): break
            case (UInt8(ascii: "*"), _): tokens.append(.segment)
            case (UInt8(ascii: "?"), _): tokens.append(.one)
            default: tokens.append(.byte(byte))
            }
        }
        self.tokens = tokens
    }

    package init(stringLiteral pattern: String) { self.init(pattern) }

    /// Takes time in proportion to pattern × text, whatever the pattern: all ways to match advance together.
    package func matches(_ text: String) -> Bool {
        var states = [Bool](repeating: false, count: tokens.count + 1)
        states[0] = true
        skipStars(&states)
        for byte in text.utf8 {
            var next = [Bool](repeating: false, count: tokens.count + 1)
            let isSlash = byte == UInt8(ascii: "/")
            for (index, token) in tokens.enumerated() where states[index] {
                switch token {
                case .byte(let wanted): if wanted == byte { next[index + 1] = true }
                case .one: if !isSlash { next[index + 1] = true }
                case .segment: if !isSlash { next[index] = true }
                case .anything: next[index] = true
                }
            }
            states = next
            skipStars(&states)
        }
        return states[tokens.count]
    }

    /// A star may match nothing.
    private func skipStars(_ states: inout [Bool]) {
        for (index, token) in tokens.enumerated()
        where states[index] && (token == .segment || token == .anything) {
            states[index + 1] = true
        }
    }
}
