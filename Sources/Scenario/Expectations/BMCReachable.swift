import LabModel
import YAML

/// The BMCs answer, all the time.
package struct BMCReachable: ExpectationKind {
    package static let form = Form(
        "bmc.reachable",
        "The BMC of each of the nodes answers whenever it is asked, every 10 seconds",
        [("bmc.reachable", NodeSelector.keys)]
    )

    package let selector: NodeSelector

    package init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        guard let map = reader.mapping(node, "bmc.reachable", optional: NodeSelector.keys.map(\.name)) else {
            return nil
        }
        selector = NodeSelector(map, &reader)
    }

    package var prose: String { "the BMCs of \(selector.prose) answer" }

    package func watch(_ nodes: [Node]) -> any ExpectationWatch { Watch(nodes: Set(nodes.map(\.name))) }

    struct Watch: ExpectationWatch {
        let nodes: Set<String>
        private var answers = 0
        private var silent: String?

        init(nodes: Set<String>) { self.nodes = nodes }

        mutating func observe(_ event: LabEvent) {
            guard event.event == "bmc.probed", let node = event.node, nodes.contains(node) else { return }
            if event.details["answers"] == "yes" { answers += 1 } else { silent = silent ?? node }
        }

        var finding: Finding {
            if let silent { return .violated(saw: "no answer from the BMC of \(silent)") }
            return .open(saw: "\(answers) answers", suffices: answers > 0)
        }
    }
}
