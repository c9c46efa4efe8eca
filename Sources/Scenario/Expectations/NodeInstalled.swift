import LabModel
import YAML

/// A node's installation is complete.
package struct NodeInstalled: ExpectationKind {
    package static let form = Form(
        "node.installed",
        "The system of each of the nodes is installed: short for node.state with is: installed",
        [("node.installed", NodeSelector.keys)]
    )

    package let selector: NodeSelector

    package init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        let optional = NodeSelector.keys.map(\.name) + ["within"]
        guard let map = reader.mapping(node, "node.installed", optional: optional) else { return nil }
        selector = NodeSelector(map, &reader)
    }

    package var prose: String { NodeState(selector, is: .installed).prose }

    package func watch(_ nodes: [Node]) -> any ExpectationWatch {
        NodeState(selector, is: .installed).watch(nodes)
    }
}
