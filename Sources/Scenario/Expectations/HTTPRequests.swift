import Gateway
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
                    Form.Field("status", "only those answered so: 404, or 5?? for any of a class"),
                    Form.Field("source", "only those answered by origin, cache, uplink, …"),
                    Form.Field("per_client", "how many: \"3..6\", \"<=6\", \">=1\"", required: true),
                ]
            )
        ]
    )

    package let selector: NodeSelector
    let url: URLPattern
    let status: Glob?
    let source: Delivery.Source?
    let bounds: Bounds

    package init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        let optional = NodeSelector.keys.map(\.name) + ["host", "status", "source", "within"]
        let required = ["url", "per_client"]
        guard let map = reader.mapping(node, "http.requests", required: required, optional: optional) else {
            return nil
        }
        selector = NodeSelector(map, &reader)
        status = reader.value(map["status"], "status", example: "404 or 5??") { text in
            text.count == 3 && text.allSatisfy { $0.isASCII && $0.isNumber || $0 == "?" } ? Glob(text) : nil
        }
        source = reader.choice(map["source"], "source", Delivery.Source.self)
        let url = URLPattern(map, &reader)
        guard let bounds = reader.bounds(map["per_client"], "per_client"), let url else { return nil }
        (self.url, self.bounds) = (url, bounds)
    }

    package var prose: String {
        let answered = status.map { ", answered with \($0)," } ?? ""
        let answerer = source.map { " by the \($0.rawValue)," } ?? ""
        return "each of \(selector.prose) requests \(url)\(answered)\(answerer) \(bounds) times"
    }

    package func watch(_ nodes: [Node]) -> any ExpectationWatch {
        CountWatch(nodes, bounds) { [url, status, source] event in
            url.matches(event) && status?.matches(event.details["status"] ?? "") ?? true
                && (source == nil || event.details["source"] == source?.rawValue)
        }
    }
}
