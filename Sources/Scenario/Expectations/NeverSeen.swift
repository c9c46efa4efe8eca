import LabModel
import YAML

/// What must not be seen at any moment.
package struct NeverSeen: ExpectationKind {
    package static let form = Form(
        "never",
        "No line of a console, or of the engine's output, ever matches",
        [
            (
                "never",
                NodeSelector.keys + [
                    Form.Field("console", "a regular expression for lines on consoles"),
                    Form.Field("engine", "a regular expression for lines of the engine"),
                ]
            )
        ]
    )

    package let selector: NodeSelector
    let forbidden: [Trigger]

    package init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        let optional = NodeSelector.keys.map(\.name) + ["console", "engine"]
        guard let map = reader.mapping(node, "never", optional: optional) else { return nil }
        selector = NodeSelector(map, &reader)
        var forbidden: [Trigger] = []
        if let pattern = reader.pattern(map["console"], "console") { forbidden.append(.console(pattern)) }
        if let pattern = reader.pattern(map["engine"], "engine") { forbidden.append(.engine(pattern)) }
        if map["console"] == nil, map["engine"] == nil {
            reader.error(
                "never says neither console nor engine",
                at: node.position,
                hint: "as in {console: panic}"
            )
        }
        guard !forbidden.isEmpty else { return nil }
        self.forbidden = forbidden
    }

    package var prose: String {
        let what = forbidden.map { trigger in
            switch trigger {
            case .console(let pattern): "no console shows “\(pattern)”"
            case .engine(let pattern): "the engine never says “\(pattern)”"
            case .start, .after, .download, .stage, .event: "never \(trigger.prose)"
            }
        }
        return what.joined(separator: " and ")
    }

    package func watch(_ nodes: [Node]) -> any ExpectationWatch {
        Watch(forbidden: forbidden, nodes: Set(nodes.map(\.name)))
    }

    struct Watch: ExpectationWatch {
        let forbidden: [Trigger]
        let nodes: Set<String>
        private(set) var finding = Finding.open(saw: "nothing of the kind", suffices: true)

        init(forbidden: [Trigger], nodes: Set<String>) { (self.forbidden, self.nodes) = (forbidden, nodes) }

        mutating func observe(_ event: LabEvent) {
            guard forbidden.contains(where: { $0.matches(event, nodes: nodes) }), case .open = finding else {
                return
            }
            finding = .violated(saw: "\(event.node ?? "the engine"): \(event.details["line"] ?? "")")
        }
    }
}
