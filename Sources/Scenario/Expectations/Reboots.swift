import LabModel
import YAML

/// How often nodes were started again: an engine that reinstalls for ever shows here.
package struct Reboots: ExpectationKind {
    package static let form = Form(
        "reboots",
        "How often each node was reset or switched on again after the first time",
        [
            (
                "reboots",
                NodeSelector.keys + [Form.Field("per_node", "how many: \"<=2\", \"1..3\"", required: true)]
            )
        ]
    )

    package let selector: NodeSelector
    let bounds: Bounds

    package init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        let optional = NodeSelector.keys.map(\.name) + ["within"]
        guard let map = reader.mapping(node, "reboots", required: ["per_node"], optional: optional) else {
            return nil
        }
        selector = NodeSelector(map, &reader)
        guard let bounds = reader.bounds(map["per_node"], "per_node") else { return nil }
        self.bounds = bounds
    }

    package var prose: String { "each of \(selector.prose) is restarted \(bounds) times" }

    package func watch(_ nodes: [Node]) -> any ExpectationWatch {
        Watch(bounds: bounds, starts: Dictionary(nodes.map { ($0.name, 0) }) { first, _ in first })
    }

    struct Watch: ExpectationWatch {
        let bounds: Bounds
        private var starts: [String: Int]

        init(bounds: Bounds, starts: [String: Int]) { (self.bounds, self.starts) = (bounds, starts) }

        mutating func observe(_ event: LabEvent) {
            guard let node = event.node, starts[node] != nil,
                ["power.on", "power.reset"].contains(event.event)
            else {
                return
            }
            starts[node, default: 0] += 1
        }

        /// The first start is none again.
        var finding: Finding { bounds.finding(starts.mapValues { max(0, $0 - 1) }) }
    }
}
