import LabModel
import YAML

/// What a node is doing, as its power and its console tell.
package struct NodeState: ExpectationKind {
    package static let form = Form(
        "node.state",
        "Each of the nodes is in a state when the run ends or at least once within a time",
        [
            (
                "node.state",
                NodeSelector.keys + [
                    Form.Field("is", "off, booting, installing, failed or installed", required: true)
                ]
            )
        ]
    )

    /// In the order in which a node goes through them.
    package enum State: String, Sendable, CaseIterable { case off, booting, installing, failed, installed }

    package let selector: NodeSelector
    let state: State

    init(_ selector: NodeSelector, is state: State) { (self.selector, self.state) = (selector, state) }

    package init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        let optional = NodeSelector.keys.map(\.name) + ["within"]
        guard let map = reader.mapping(node, "node.state", required: ["is"], optional: optional) else {
            return nil
        }
        selector = NodeSelector(map, &reader)
        guard let state = reader.choice(map["is"], "is", State.self) else { return nil }
        self.state = state
    }

    package var prose: String {
        "\(selector.prose) \(selector.nodes.count == 1 ? "is" : "are") \(state.rawValue)"
    }

    package func watch(_ nodes: [Node]) -> any ExpectationWatch {
        Watch(wanted: state, states: Dictionary(nodes.map { ($0.name, .off) }) { first, _ in first })
    }

    struct Watch: ExpectationWatch {
        let wanted: State
        private var states: [String: State]

        init(wanted: State, states: [String: State]) { (self.wanted, self.states) = (wanted, states) }

        mutating func observe(_ event: LabEvent) {
            guard let node = event.node, let old = states[node] else { return }
            states[node] = Self.state(after: event, from: old)
        }

        /// The console tells: nothing but the installed system shows a login prompt; the installer's last words come before its reboot.
        private static func state(after event: LabEvent, from old: State) -> State {
            switch event.event {
            case "power.on", "power.reset": return old == .installed ? .installed : .booting
            case "power.off": return old == .installed ? .installed : .off
            default:
                guard let line = event.consoleLine else { return old }
                if line.contains("==> Installed, rebooting") || line.hasPrefix("\(event.node ?? "") login:") {
                    return .installed
                }
                if line.hasPrefix("!!! Installation failed") { return .failed }
                return line.hasPrefix("==> ") ? .installing : old
            }
        }

        var finding: Finding {
            let others = states.filter { $0.value != wanted }.sorted { $0.key < $1.key }
            guard others.isEmpty else {
                let list = others.map { "\($0.key) \($0.value.rawValue)" }.joined(separator: ", ")
                return .open(saw: list, suffices: false)
            }
            let saw = "\(states.count) of \(states.count) \(wanted.rawValue)"
            // A node may be installed once more, so this can still change until the run ends.
            return .open(saw: saw, suffices: true)
        }
    }
}
