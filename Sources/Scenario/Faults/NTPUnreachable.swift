import LabModel
import YAML

/// The time servers of the world are silent: questions arrive, answers never come.
package struct NTPUnreachable: FaultKind {
    static let form = Form(
        "ntp.unreachable",
        "No time server outside answers; whoever waits for one waits for ever",
        [("where", NodeSelector.keys)]
    )

    package var form: Form { Self.form }
    package let selector: NodeSelector
    package let nic: NICSelector? = nil

    init?(_ source: FaultSource, _ reader: inout YAMLReader) {
        selector = NodeSelector(source.place, &reader)
    }

    package var defaultUntil: Until { .end }

    package var prose: String { "No time server answers \(selector.prose)" }

    package func run(id: String, nodes: [Node], pod: Pod) -> any FaultRun {
        Run(
            rule: GatewayRule(
                id: id,
                nodes: selector.isEveryone ? nil : Set(nodes.map(\.name)),
                action: .silentNTP
            )
        )
    }

    struct Run: FaultRun {
        let rule: GatewayRule

        mutating func arm() -> [FaultStep] { [.apply(.rule(rule))] }

        mutating func receive(_ signal: FaultSignal) -> [FaultStep] {
            switch signal {
            case .bit(rule.id, _): return [.counted]
            case .stop: return [.heal(.rule(rule)), .healed]
            case .engineStarted, .applied, .healed, .bit, .paused, .waited, .event: return []
            }
        }
    }
}
