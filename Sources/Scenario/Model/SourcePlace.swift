import LabModel
import YAML

/// Where a scenario's file says something.
package struct SourcePlace: Hashable, Sendable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        (self.file, self.line, self.column) = (file, line, column)
    }

    init(_ file: String, _ position: YAMLNode.Position) {
        self.init(file: file, line: position.line, column: position.column)
    }

    package var description: String { "\(file):\(line)" }

    func error(_ message: String, hint: String?) -> Diagnostic {
        Diagnostic(file: file, line: line, column: column, message: message, hint: hint)
    }
}

/// A name and where the file has it, for what only a pod can tell to be wrong.
package struct Sourced<Value: Hashable & Sendable>: Hashable, Sendable {
    package var value: Value
    package var place: SourcePlace
}

extension YAMLReader {
    mutating func sourcedText(_ node: YAMLNode?, _ what: String) -> Sourced<String>? {
        guard let node, let text = text(node, what) else { return nil }
        return Sourced(value: text, place: SourcePlace(file, node.position))
    }
}
