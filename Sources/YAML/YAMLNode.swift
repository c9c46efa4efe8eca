/// A value of a YAML document that knows where it stands.
package struct YAMLNode: Hashable, Sendable {
    /// A place in a file, both from 1; the column counts characters.
    package struct Position: Hashable, Comparable, Sendable {
        package var line: Int
        package var column: Int
        package init(line: Int, column: Int) { (self.line, self.column) = (line, column) }
        package static func < (left: Self, right: Self) -> Bool {
            (left.line, left.column) < (right.line, right.column)
        }
    }

    /// How a scalar was written: only a plain one may mean a number, a truth value or nothing.
    package enum Style: Hashable, Sendable { case plain, quoted, block }

    /// One key of a mapping with its value, in the file's order.
    package struct Entry: Hashable, Sendable {
        package var key: YAMLNode
        package var value: YAMLNode
    }

    package indirect enum Content: Hashable, Sendable {
        case scalar(String, Style)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    package var content: Content
    package var position: Position
    /// How many nodes this one stands for once every alias in it is written out.
    let weight: Int
    /// How many levels it holds, those behind aliases too: 0 for a scalar.
    let height: Int

    init(_ content: Content, at position: Position, weight: Int = 1, height: Int = 0) {
        (self.content, self.position, self.weight, self.height) = (content, position, weight, height)
    }

    /// The text of a scalar, however it was written.
    package var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    /// The items of a sequence.
    package var items: [YAMLNode]? {
        if case .sequence(let items) = content { items } else { nil }
    }

    /// The entries of a mapping, in the file's order.
    package var entries: [Entry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// The value of a mapping's key.
    package subscript(key: String) -> YAMLNode? { entries?.first { $0.key.text == key }?.value }

    /// Whether nothing is written here, or `~` or `null` (YAML 1.2 §10.3.2).
    package var isNull: Bool {
        if case .scalar(let text, .plain) = content {
            ["", "~", "null", "Null", "NULL"].contains(text)
        } else {
            false
        }
    }

    /// What it is, for messages.
    package var kind: String {
        switch content {
        case .scalar(let text, _): isNull ? "nothing" : text.count > 40 ? "a long text" : "“\(text)”"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
