import YAML

/// A value to be written as YAML, so that readers of YAML 1.1 and of 1.2 take it for the same.
indirect enum YAMLText {
    /// A text; quoted where it could be taken for something else.
    case text(String)
    /// Digits, `true` or `~`, as they stand.
    case plain(String)
    case list([YAMLText])
    case map([Field])
    /// The first of values that are alike, under a name.
    case anchored(String, YAMLText)
    /// The others of them.
    case alias(String)

    /// A key with its value, and what a person should know of it.
    struct Field {
        var key: String
        var value: YAMLText
        var comment: String?

        init(_ key: String, _ value: YAMLText, comment: String? = nil) {
            (self.key, self.value, self.comment) = (key, value, comment)
        }

        /// Nil for what is not there.
        init?(_ key: String, _ value: YAMLText?, comment: String? = nil) {
            guard let value else { return nil }
            self.init(key, value, comment: comment)
        }
    }

    static func number(_ number: Int) -> YAMLText { .plain("\(number)") }
    static func texts(_ texts: [String]) -> YAMLText { .list(texts.map { .text($0) }) }
    static func described(_ value: some CustomStringConvertible) -> YAMLText { .text(value.description) }

    /// What a file has, as it has it.
    init(_ node: YAMLNode) {
        switch node.content {
        case .scalar(let text, .plain): self = text.isEmpty ? .plain("~") : .plain(text)
        case .scalar(let text, _): self = .text(text)
        case .sequence(let items): self = .list(items.map(YAMLText.init))
        case .mapping(let entries):
            self = .map(entries.map { Field($0.key.text ?? "", YAMLText($0.value)) })
        }
    }

    /// A document: comments before it, then its fields, a blank line around each that takes several lines.
    static func document(_ fields: [Field], header: [String] = []) -> String {
        var lines = header.map { $0.isEmpty ? "#" : "# \($0)" }
        var wasLong = false
        for (index, field) in fields.enumerated() {
            let written = Self.lines(of: field, indent: 0)
            if index > 0, wasLong || written.count > 1 { lines.append("") }
            wasLong = written.count > 1
            lines += written
        }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: - Lines

    private static let width = 110

    private static func lines(of field: Field, indent: Int) -> [String] {
        let blank = String(repeating: " ", count: indent)
        let key = blank + quoted(field.key) + ":"
        let note = field.comment.map { "  # \($0)" } ?? ""
        let prefix: String
        let value: YAMLText
        if case .anchored(let name, let inner) = field.value {
            (prefix, value) = (" &\(name)", inner)
        } else {
            (prefix, value) = ("", field.value)
        }
        let flow = value.flow
        if value.fitsInLine, key.count + prefix.count + 1 + flow.count <= width {
            return [key + prefix + " " + flow + note]
        }
        return [key + prefix + note] + value.block(indent: indent + 2)
    }

    private func block(indent: Int) -> [String] {
        let blank = String(repeating: " ", count: indent)
        switch self {
        case .map(let fields): return fields.flatMap { Self.lines(of: $0, indent: indent) }
        case .list(let items):
            return items.flatMap { item -> [String] in
                let flow = item.flow
                if item.fitsInLine, indent + 2 + flow.count <= Self.width { return [blank + "- " + flow] }
                var lines = item.block(indent: indent + 2)
                if let first = lines.first { lines[0] = blank + "- " + first.dropFirst(indent + 2) }
                return lines
            }
        case .text, .plain, .anchored, .alias: return [blank + flow]
        }
    }

    /// Whether it is read well in one line: no comment in it, and no mapping in a mapping's mapping.
    private var fitsInLine: Bool { depth <= 1 && !hasComment }

    private var depth: Int {
        switch self {
        case .text, .plain, .alias: 0
        case .list(let items): items.isEmpty ? 0 : items.map(\.depth).max() ?? 0
        case .map(let fields): fields.isEmpty ? 0 : 1 + (fields.map(\.value.depth).max() ?? 0)
        // An anchor stands on a line of its own.
        case .anchored: 2
        }
    }

    private var hasComment: Bool {
        switch self {
        case .map(let fields): fields.contains { $0.comment != nil || $0.value.hasComment }
        case .list(let items): items.contains(where: \.hasComment)
        case .anchored(_, let value): value.hasComment
        case .text, .plain, .alias: false
        }
    }

    private var flow: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .plain(let text): text
        case .list(let items): "[" + items.map(\.flow).joined(separator: ", ") + "]"
        case .map(let fields):
            "{" + fields.map { "\(Self.quoted($0.key)): \($0.value.flow)" }.joined(separator: ", ") + "}"
        case .anchored(let name, let value): "&\(name) \(value.flow)"
        case .alias(let name): "*\(name)"
        }
    }

    // MARK: - Scalars

    /// A text as it may stand anywhere, in quotes unless nobody can mistake it.
    static func quoted(_ text: String) -> String {
        let isPlain =
            text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
                    || "_./:+-".utf8.contains(byte)
            } && text.utf8.first.map { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ":") } == true
            && !text.hasSuffix(":") && YAML11(text) == .text && text != "..."
        if isPlain { return text }
        let body = text.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\t": "\\t"
            case "\r": "\\r"
            default: isShown(scalar) ? String(scalar) : "\\U" + hex(scalar.value)
            }
        }
        return "\"" + body.joined() + "\""
    }

    /// What may stand in a quoted text as it is (YAML 1.2 §5.1), but for the line breaks of other alphabets.
    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
            0x10000...0x10FFFF:
            true
        default: false
        }
    }

    private static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
