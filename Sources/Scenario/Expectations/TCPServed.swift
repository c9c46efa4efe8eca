import Gateway
import LabModel
import YAML

/// How often each node connected to something outside that is not HTTP, or whose TLS passed unread.
package struct TCPServed: ExpectationKind {
    package static let form = Form(
        "tcp.served",
        "How many connections of each node were passed on unread, as those of git and ssh are",
        [
            (
                "tcp.served",
                NodeSelector.keys + [
                    Form.Field("host", "the server's name: a glob, or ~ and a regular expression"),
                    Form.Field("port", "the server's port"),
                    Form.Field("per_client", "how many: \"3..6\", \"<=6\", \">=1\"", required: true),
                ]
            )
        ]
    )

    package let selector: NodeSelector
    let host: TextPattern?
    let port: Int?
    let bounds: Bounds

    package init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        let optional = NodeSelector.keys.map(\.name) + ["host", "port", "within"]
        guard let map = reader.mapping(node, "tcp.served", required: ["per_client"], optional: optional)
        else { return nil }
        selector = NodeSelector(map, &reader)
        host = reader.textPattern(map["host"], "host")
        port = reader.integer(map["port"], "port", in: 1...65_535)
        guard let bounds = reader.bounds(map["per_client"], "per_client") else { return nil }
        self.bounds = bounds
    }

    package var prose: String {
        "each of \(selector.prose) connects to \(host.map { "\($0)" } ?? "servers")"
            + (port.map { ", port \($0)," } ?? "") + " \(bounds) times"
    }

    package func watch(_ nodes: [Node]) -> any ExpectationWatch {
        CountWatch(nodes, bounds) { [host, port] event in
            event.event == "tcp.served" && host?.matches(event.details["host"] ?? "") ?? true
                && (port == nil || event.details["port"] == port.map(String.init))
        }
    }
}
