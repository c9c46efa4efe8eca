import Gateway
import LabModel
import YAML

/// How often each node looked a name up and was answered.
package struct DNSAnswered: ExpectationKind {
    package static let form = Form(
        "dns.answered",
        "How many look-ups of each node the lab's name server has answered",
        [
            (
                "dns.answered",
                NodeSelector.keys + [
                    Form.Field("host", "the name: a glob, or ~ and a regular expression"),
                    Form.Field("code", "only those answered so: NOERROR, NXDOMAIN, SERVFAIL, …"),
                    Form.Field("per_client", "how many: \"3..6\", \"<=6\", \">=1\"", required: true),
                ]
            )
        ]
    )

    package let selector: NodeSelector
    let host: TextPattern?
    let code: String?
    let bounds: Bounds

    package init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        let optional = NodeSelector.keys.map(\.name) + ["host", "code", "within"]
        guard
            let map = reader.mapping(node, "dns.answered", required: ["per_client"], optional: optional)
        else { return nil }
        selector = NodeSelector(map, &reader)
        host = reader.textPattern(map["host"], "host")
        code = reader.text(map["code"], "code")
        guard let bounds = reader.bounds(map["per_client"], "per_client") else { return nil }
        self.bounds = bounds
    }

    package var prose: String {
        "each of \(selector.prose) looks up \(host.map { "\($0)" } ?? "names")"
            + (code.map { ", answered with \($0)," } ?? "") + " \(bounds) times"
    }

    package func watch(_ nodes: [Node]) -> any ExpectationWatch {
        CountWatch(nodes, bounds) { [host, code] event in
            event.event == "dns.answered" && host?.matches(event.details["name"] ?? "") ?? true
                && (code == nil || event.details["code"] == code)
        }
    }
}
