import LabModel
import YAML

/// A node's serial console shows something.
package struct ConsoleShows: ExpectationKind {
    package static let form = Form(
        "console",
        "A line on the console of each of the nodes matches; of any of them, with any: true",
        [
            (
                "console",
                NodeSelector.keys + [
                    Form.Field("match", "a regular expression", required: true),
                    Form.Field("any", "true: one of the nodes is enough"),
                ]
            )
        ]
    )

    package let selector: NodeSelector
    let pattern: Pattern
    let any: Bool

    package init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        guard
            let map = reader.mapping(
                node,
                "console",
                required: ["match"],
                optional: NodeSelector.keys.map(\.name) + ["any", "within"]
            )
        else { return nil }
        selector = NodeSelector(map, &reader)
        any = reader.flag(map["any"], "any") ?? false
        guard let pattern = reader.pattern(map["match"], "match") else { return nil }
        self.pattern = pattern
    }

    package var prose: String { "the console of \(any ? "any of " : "")\(selector.prose) shows “\(pattern)”" }

    package func watch(_ nodes: [Node]) -> any ExpectationWatch {
        Watch(pattern: pattern, any: any, waiting: Set(nodes.map(\.name)))
    }

    struct Watch: ExpectationWatch {
        let pattern: Pattern
        let any: Bool
        private var waiting: Set<String>
        private var seen: (node: String, line: String)?

        init(pattern: Pattern, any: Bool, waiting: Set<String>) {
            (self.pattern, self.any, self.waiting) = (pattern, any, waiting)
        }

        mutating func observe(_ event: LabEvent) {
            guard let node = event.node, waiting.contains(node), let line = event.consoleLine,
                pattern.matches(line)
            else { return }
            waiting.remove(node)
            seen = (node, line)
        }

        var finding: Finding {
            if let seen, any || waiting.isEmpty { return .met(saw: "\(seen.node): \(seen.line)") }
            return .open(saw: "not on \(waiting.sorted().joined(separator: ", "))", suffices: false)
        }
    }
}
