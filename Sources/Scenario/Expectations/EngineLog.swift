import LabModel
import YAML

/// The engine says something.
package struct EngineLog: ExpectationKind {
    package static let form = Form(
        "engine.log",
        "A line of the engine's output matches",
        [("engine.log", [Form.Field("match", "a regular expression", required: true)])]
    )

    package let selector = NodeSelector()
    let pattern: Pattern

    package init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        guard let map = reader.mapping(node, "engine.log", required: ["match"], optional: ["within"]),
            let pattern = reader.pattern(map["match"], "match")
        else { return nil }
        self.pattern = pattern
    }

    package var prose: String { "a line of the engine's log matches “\(pattern)”" }

    package func watch(_ nodes: [Node]) -> any ExpectationWatch { Watch(pattern: pattern) }

    struct Watch: ExpectationWatch {
        let pattern: Pattern
        private(set) var finding = Finding.open(saw: "no such line in 0", suffices: false)
        private var lines = 0

        init(pattern: Pattern) { self.pattern = pattern }

        mutating func observe(_ event: LabEvent) {
            guard event.event == "engine.line", case .open = finding else { return }
            let line = event.details["line"] ?? ""
            lines += 1
            finding =
                pattern.matches(line)
                ? .met(saw: line)
                : .open(saw: "no such line in \(lines); the last: \(line)", suffices: false)
        }
    }
}
