import LabModel
import YAML

/// What JSON schemas ask, in the words of `YAMLReader`; as their validators do, by what YAML 1.1 makes of a value.
extension YAMLReader {
    /// `type: string`: a number or truth value that nobody quoted is none.
    mutating func schemaText(_ node: YAMLNode, _ what: String) -> String? {
        guard let text = node.text, node.misreading == nil else {
            let reason = node.text == nil ? node.kind : node.misreading ?? node.kind
            schemaError(
                "\(what) must be a text, not \(reason)",
                node,
                hint: node.text == nil || node.isNull ? Self.oneValue(node) : "quote it"
            )
            return nil
        }
        return text
    }

    /// `type: string` with a pattern.
    mutating func schemaText(
        _ node: YAMLNode,
        _ what: String,
        like example: String,
        _ matches: (String) -> Bool
    ) -> String? {
        guard let text = schemaText(node, what) else { return nil }
        if matches(text) { return text }
        let isBlank = text.first?.isWhitespace == true || text.last?.isWhitespace == true
        let hint = isBlank ? "remove the blanks around it" : "write it like \(example)"
        schemaError("\(what) cannot be \(node.kind)", node, hint: hint)
        return nil
    }

    /// `enum` of texts.
    mutating func schemaChoice(_ node: YAMLNode, _ what: String, of choices: [String]) -> String? {
        guard let text = schemaText(node, what) else { return nil }
        if choices.contains(text) { return text }
        schemaError(
            "\(what) cannot be “\(text)”",
            node,
            hint: Suggestion.hint(for: text, among: choices, "value")
        )
        return nil
    }

    /// `type: number`; `2.0` is 2.
    mutating func schemaNumber(_ node: YAMLNode, _ what: String) -> Double? {
        if case .scalar(let text, .plain) = node.content {
            switch YAML11(text) {
            case .integer(let value): if let value { return Double(value) }
            case .float: if let value = Double(text) { return value }
            case .text, .null, .truth, .timestamp: break
            }
        }
        schemaError("\(what) must be a number, not \(node.kind)", node, hint: Self.oneValue(node))
        return nil
    }

    /// `enum` of numbers.
    mutating func schemaNumber(_ node: YAMLNode, _ what: String, of choices: [Double]) -> Double? {
        guard let number = schemaNumber(node, what) else { return nil }
        if choices.contains(number) { return number }
        let list = choices.map { "\($0)" }.joined(separator: ", ")
        schemaError("\(what) cannot be \(node.kind)", node, hint: "use one of: \(list)")
        return nil
    }

    mutating func schemaError(_ message: String, _ node: YAMLNode, hint: String? = nil) {
        error(.schema, message, at: node.position, hint: hint)
    }
}

extension Memory {
    /// A size as descriptor files write it, `128G`, `480GB` or `1.8T`; capital letters, and powers of 1,024.
    init?(described text: String) {
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        let units: [String: Double] = ["M": 0x1p20, "G": 0x1p30, "T": 0x1p40]
        let suffix = text.dropFirst(digits.count)
        let unit = suffix.count == 2 && suffix.hasSuffix("B") ? String(suffix.dropLast()) : String(suffix)
        guard let first = digits.first, ("1"..."9").contains(first), let number = Double(digits),
            let size = units[unit], number * size < 0x1p60
        else { return nil }
        self.init(bytes: UInt64(number * size))
    }
}
