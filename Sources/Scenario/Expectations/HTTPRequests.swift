import LabModel
import YAML

/// How often each node asked for a file: too seldom means no retry, too often a storm.
package struct HTTPRequests: ExpectationKind {
    package static let form = Form(
        "http.requests",
        "How many requests of each node for a download the outside world has answered",
        [
            (
                "http.requests",
                URLPattern.fields + NodeSelector.keys + [
                    Form.Field("per_client", "how many: \"3..6\", \"<=6\", \">=1\"", required: true)
                ]
            )
        ]
    )

    package let selector: NodeSelector
    let url: URLPattern
    let bounds: Bounds

    package init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        let optional = NodeSelector.keys.map(\.name) + ["host", "within"]
        let required = ["url", "per_client"]
        guard let map = reader.mapping(node, "http.requests", required: required, optional: optional) else {
            return nil
        }
        selector = NodeSelector(map, &reader)
        let url = URLPattern(map, &reader)
        guard let bounds = reader.bounds(map["per_client"], "per_client"), let url else { return nil }
        (self.url, self.bounds) = (url, bounds)
    }

    package var prose: String { "each of \(selector.prose) requests \(url) \(bounds) times" }

    package func watch(_ nodes: [Node]) -> any ExpectationWatch {
        Watch(url: url, bounds: bounds, counts: Dictionary(nodes.map { ($0.name, 0) }) { first, _ in first })
    }

    struct Watch: ExpectationWatch {
        let url: URLPattern
        let bounds: Bounds
        private var counts: [String: Int]

        init(url: URLPattern, bounds: Bounds, counts: [String: Int]) {
            (self.url, self.bounds, self.counts) = (url, bounds, counts)
        }

        mutating func observe(_ event: LabEvent) {
            guard let node = event.node, counts[node] != nil, url.matches(event) else { return }
            counts[node, default: 0] += 1
        }

        var finding: Finding { bounds.finding(counts) }
    }
}
