import Gateway
import LabModel
import YAML

/// What expectations share that count each node's dealings with hosts: whose, with whom, and how many there may be.
struct HostCount: Sendable {
    let selector: NodeSelector
    private let host: TextPattern?
    private let bounds: Bounds

    /// Such an expectation's form, with what `host` is and one key of its own.
    static func form(_ name: String, _ summary: String, host: String, _ own: Form.Field) -> Form {
        let count = Form.Field("per_client", "how many: \"3..6\", \"<=6\", \">=1\"", required: true)
        return Form(name, summary, [(name, NodeSelector.keys + [Form.Field("host", host), own, count])])
    }

    /// `own` reads the expectation's own key.
    init?(
        _ node: YAMLNode,
        _ form: Form,
        _ reader: inout YAMLReader,
        own: (YAMLReader.Mapping, inout YAMLReader) -> Void
    ) {
        let optional = form.fields(form.name).filter { !$0.required }.map(\.name) + ["within"]
        guard let map = reader.mapping(node, form.name, required: ["per_client"], optional: optional) else {
            return nil
        }
        selector = NodeSelector(map, &reader)
        host = reader.textPattern(map["host"], "host")
        own(map, &reader)
        guard let bounds = reader.bounds(map["per_client"], "per_client") else { return nil }
        self.bounds = bounds
    }

    /// `deed` is as in “looks up”, with what when no host is named.
    func prose(_ deed: String, _ anything: String, _ own: String) -> String {
        "each of \(selector.prose) \(deed) \(host.map { "\($0)" } ?? anything)\(own) \(bounds) times"
    }

    /// Counts events of that name whose host, under `key`, is meant, and whose `own` detail is as said.
    func watch(
        _ nodes: [Node],
        _ event: String,
        host key: String,
        _ own: (key: String, value: String?)
    ) -> CountWatch {
        CountWatch(nodes, bounds) { [host] seen in
            seen.event == event && host?.matches(seen.details[key] ?? "") ?? true
                && (own.value == nil || seen.details[own.key] == own.value)
        }
    }
}
