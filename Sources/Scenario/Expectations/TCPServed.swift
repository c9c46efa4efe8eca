import LabModel
import YAML

/// How often each node connected to something outside that is not HTTP, or whose TLS passed unread.
package struct TCPServed: ExpectationKind {
    package static let form = HostCount.form(
        "tcp.served",
        "How many connections of each node were passed on unread, as those of git and ssh are",
        host: "the server's name: a glob, or ~ and a regular expression",
        Form.Field("port", "the server's port")
    )

    private let count: HostCount
    private let port: Int?
    package var selector: NodeSelector { count.selector }

    package init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        var port: Int?
        let count = HostCount(node, Self.form, &reader) { map, reader in
            port = reader.integer(map["port"], "port", in: 1...65_535)
        }
        guard let count else { return nil }
        (self.count, self.port) = (count, port)
    }

    package var prose: String {
        count.prose("connects to", "servers", port.map { ", port \($0)," } ?? "")
    }

    package func watch(_ nodes: [Node]) -> any ExpectationWatch {
        count.watch(nodes, "tcp.served", host: "host", ("port", port.map(String.init)))
    }
}
