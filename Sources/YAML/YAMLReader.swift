import LabModel

/// Takes a document apart and keeps every problem, so that a person sees all of them at once.
///
/// Each accessor returns nil after it has recorded why; callers go on with the rest and end with `finish()`.
package struct YAMLReader: Sendable {
    package let file: String
    package private(set) var diagnostics: [Diagnostic]
    private var seen: Set<Diagnostic>

    /// Starts with the problems that the parser already found.
    package init(_ document: YAMLDocument) {
        (file, diagnostics, seen) = (document.file, document.problems, Set(document.problems))
    }

    /// A mapping whose keys were checked.
    package struct Mapping: Sendable {
        package let position: YAMLNode.Position
        private let entries: [YAMLNode.Entry]
        /// Of mappings that may be long; a few keys are found faster one by one.
        private let index: [String: Int]

        fileprivate init(_ node: YAMLNode, _ entries: [YAMLNode.Entry]) {
            (position, self.entries) = (node.position, entries)
            let names = entries.count > 16 ? entries.map { $0.key.text ?? "" } : []
            index = Dictionary(zip(names, entries.indices)) { first, _ in first }
        }

        private func entry(_ key: String) -> YAMLNode.Entry? {
            entries.count > 16 ? index[key].map { entries[$0] } : entries.first { $0.key.text == key }
        }

        /// The value of a key; nil when the file has none.
        package subscript(key: String) -> YAMLNode? { entry(key)?.value }
        /// Where a key itself stands.
        package func place(of key: String) -> YAMLNode.Position { entry(key)?.key.position ?? position }
        package var keys: [String] { entries.compactMap(\.key.text) }
    }

    // MARK: - Recording

    package mutating func error(
        _ message: String,
        at position: YAMLNode.Position,
        hint: String? = nil,
        rule: String = YAMLRule.wrongValue.rawValue
    ) {
        record(.error, message, at: position, hint: hint, rule: rule)
    }

    package mutating func warning(
        _ message: String,
        at position: YAMLNode.Position,
        hint: String? = nil,
        rule: String = YAMLRule.wrongValue.rawValue
    ) {
        record(.warning, message, at: position, hint: hint, rule: rule)
    }

    /// Once for each place: what is reached through several aliases is told once.
    package mutating func record(
        _ severity: Diagnostic.Severity,
        _ message: String,
        at position: YAMLNode.Position,
        hint: String? = nil,
        rule: String = YAMLRule.wrongValue.rawValue
    ) {
        let diagnostic = Diagnostic(
            file: file,
            line: position.line,
            column: position.column,
            severity: severity,
            message: message,
            hint: hint,
            rule: rule
        )
        if seen.insert(diagnostic).inserted { diagnostics.append(diagnostic) }
    }

    /// Throws all problems in the file's order when one is an error; else returns the warnings.
    @discardableResult
    package func finish() throws(Diagnostics) -> [Diagnostic] {
        let sorted = diagnostics.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
        guard sorted.allSatisfy({ $0.severity != .error }) else { throw Diagnostics(sorted) }
        return sorted
    }

    private mutating func wrongType(_ message: String, at position: YAMLNode.Position, hint: String? = nil) {
        error(message, at: position, hint: hint, rule: YAMLRule.wrongType.rawValue)
    }

    private mutating func wrongValue(_ message: String, at position: YAMLNode.Position, hint: String? = nil) {
        error(message, at: position, hint: hint, rule: YAMLRule.wrongValue.rawValue)
    }

    // MARK: - Taking apart

    /// A mapping with these keys and no others.
    package mutating func mapping(
        _ node: YAMLNode?,
        _ what: String,
        required: [String] = [],
        optional: [String] = []
    ) -> Mapping? {
        guard let node, let mapping = anyMapping(node, what) else { return nil }
        let known = required + optional
        for entry in node.entries ?? [] {
            guard let key = entry.key.text, !known.contains(key) else { continue }
            error(
                "unknown key “\(key)” in \(what)",
                at: entry.key.position,
                hint: Suggestion.hint(for: key, among: known, "key"),
                rule: YAMLRule.unknownKey.rawValue
            )
        }
        for key in required where mapping[key] == nil {
            error(
                "\(what) has no “\(key)”",
                at: node.position,
                hint: "add “\(key):”",
                rule: YAMLRule.missingKey.rawValue
            )
        }
        return mapping
    }

    /// A mapping whose keys are names that the caller checks.
    package mutating func anyMapping(_ node: YAMLNode?, _ what: String) -> Mapping? {
        guard let node else { return nil }
        guard let entries = node.entries else {
            wrongType(
                "\(what) must be a mapping (key: value), not \(node.kind)",
                at: node.position,
                hint: node.isNull ? "write its keys under it, or take it out" : "write keys under it"
            )
            return nil
        }
        return Mapping(node, entries)
    }

    package mutating func sequence(_ node: YAMLNode?, _ what: String) -> [YAMLNode]? {
        guard let node else { return nil }
        guard let items = node.items else {
            wrongType(
                "\(what) must be a list, not \(node.kind)",
                at: node.position,
                hint: "start each item with “- ”"
            )
            return nil
        }
        return items
    }

    /// A text that is not empty; numbers count as what is written.
    package mutating func text(_ node: YAMLNode?, _ what: String) -> String? {
        guard let node else { return nil }
        guard let text = node.text, !node.isNull, !text.isEmpty else {
            let hint = Self.oneValue(node)
            wrongType("\(what) must be a text, not \(node.kind)", at: node.position, hint: hint)
            return nil
        }
        return text
    }

    /// What to do about something that is no single value.
    package static func oneValue(_ node: YAMLNode) -> String {
        node.text == nil ? "write one value, without brackets" : "write it, or take the key out"
    }

    /// A list of texts; one text alone stands for a list of one when `orOne` is set.
    package mutating func texts(_ node: YAMLNode?, _ what: String, orOne: Bool = false) -> [String]? {
        if orOne, let node, node.text != nil { return text(node, what).map { [$0] } }
        guard let items = sequence(node, what) else { return nil }
        return items.compactMap { text($0, "each item of \(what)") }
    }

    package mutating func integer(_ node: YAMLNode?, _ what: String, in range: ClosedRange<Int>) -> Int? {
        guard let node else { return nil }
        guard case .scalar(let text, .plain) = node.content, let number = Int(text) else {
            let isQuoted = node.text.flatMap { Int($0) } != nil
            wrongType(
                "\(what) must be a whole number, not \(node.kind)",
                at: node.position,
                hint: isQuoted
                    ? "take the quotes off" : "write one of \(range.lowerBound) to \(range.upperBound)"
            )
            return nil
        }
        guard range.contains(number) else {
            wrongValue(
                "\(what) must be \(range.lowerBound) to \(range.upperBound), not \(number)",
                at: node.position
            )
            return nil
        }
        return number
    }

    /// `true` or `false`, unquoted (YAML 1.2 §10.3.2).
    package mutating func flag(_ node: YAMLNode?, _ what: String) -> Bool? {
        guard let node else { return nil }
        switch node.content {
        case .scalar("true", .plain): return true
        case .scalar("false", .plain): return false
        default:
            let hint = "write one of the two, without quotes"
            wrongType("\(what) must be true or false, not \(node.kind)", at: node.position, hint: hint)
            return nil
        }
    }

    /// A value that is written as text, such as an address or a size; `example` shows its form.
    package mutating func value<Value>(
        _ node: YAMLNode?,
        _ what: String,
        example: String,
        _ read: (String) -> Value?
    ) -> Value? {
        guard let node, let text = text(node, what) else { return nil }
        guard let value = read(text) else {
            let trimmed = text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.count
            let hint = trimmed == text.count ? "write it like \(example)" : "remove the blanks around it"
            wrongValue("\(what) cannot be read from \(node.kind)", at: node.position, hint: hint)
            return nil
        }
        return value
    }

    /// A length of time such as `10s` or `1.5m`.
    package mutating func duration(_ node: YAMLNode?, _ what: String) -> Duration? {
        value(node, what, example: "250ms, 3s, 25m or 2h") { Duration($0) }
    }

    /// One of a few words.
    package mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ node: YAMLNode?,
        _ what: String,
        _ type: Choice.Type = Choice.self
    ) -> Choice? where Choice.RawValue == String {
        guard let node, let text = text(node, what) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        wrongValue(
            "\(what) cannot be “\(text)”",
            at: node.position,
            hint: Suggestion.hint(for: text, among: Choice.allCases.map(\.rawValue), "value")
        )
        return nil
    }
}
