import LabModel
import YAML

/// How often each node looked a name up and was answered.
package struct DNSAnswered: ExpectationKind {
    package static let form = HostCount.form(
        "dns.answered",
        "How many look-ups of each node the lab's name server has answered",
        host: "the name: a glob, or ~ and a regular expression",
        Form.Field("code", "only those answered so: NOERROR, NXDOMAIN, SERVFAIL, …")
    )

    private let count: HostCount
    private let code: String?
    package var selector: NodeSelector { count.selector }

    package init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        var code: String?
        let count = HostCount(node, Self.form, &reader) { map, reader in
            code = reader.text(map["code"], "code")
        }
        guard let count else { return nil }
        (self.count, self.code) = (count, code)
    }

    package var prose: String {
        count.prose("looks up", "names", code.map { ", answered with \($0)," } ?? "")
    }

    package func watch(_ nodes: [Node]) -> any ExpectationWatch {
        count.watch(nodes, "dns.answered", host: "name", ("code", code))
    }
}
