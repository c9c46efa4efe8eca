import LabModel
import YAML

/// A download stands still at a byte, as when a mirror's disk hangs or the way back is lost: no error, and no end.
package struct HTTPStall: FaultKind {
    static let form = Form(
        "http.stall",
        "A download stops in the middle, with neither an error nor an end",
        [
            ("where", URLPattern.fields + NodeSelector.keys),
            (
                "args",
                BodyPlace.fields + [
                    Form.Field(
                        "hold",
                        "client: until the client leaves (the default); or a time, then it goes on"
                    )
                ]
            ),
            (
                "when",
                [
                    Form.Field("first", "only the first so many downloads"),
                    Form.Field("per", "client: count for each node; total: for all together (the default)"),
                ]
            ),
        ]
    )

    private enum Per: String, CaseIterable { case client, total }

    package var form: Form { Self.form }
    package let selector: NodeSelector
    package let nic: NICSelector? = nil
    let url: URLPattern
    let stop: BodyPlace
    /// Nil: until the client leaves.
    let hold: Duration?
    let occurrence: GatewayRule.Occurrence

    init?(_ source: FaultSource, _ reader: inout YAMLReader) {
        selector = NodeSelector(source.place, &reader)
        let url = source.place.flatMap { URLPattern($0, &reader) }
        let stop = source.arguments.flatMap { BodyPlace($0, "args", &reader) }
        if source.arguments == nil {
            reader.error("http.stall has no args", at: source.position, hint: "add “args: {percent: 40%}”")
        }
        if let node = source.arguments?["hold"], node.text != "client" {
            hold = reader.duration(node, "hold")
        } else {
            hold = nil
        }
        if let when = source.when {
            let count = reader.integer(when["first"], "first", in: 1...1_000_000)
            let per = reader.choice(when["per"], "per", Per.self) ?? .total
            if when["first"] == nil {
                reader.error("when has no “first”", at: when.position, hint: "as in {first: 2, per: client}")
            }
            occurrence = count.map { .first($0, perClient: per == .client) } ?? .always
        } else {
            occurrence = .always
        }
        guard let url, let stop else { return nil }
        (self.url, self.stop) = (url, stop)
    }

    package var defaultUntil: Until { occurrence == .always ? .end : .spent }

    package var prose: String {
        let which: String
        switch occurrence {
        case .always: which = "Every download"
        case .first(let count, true): which = "The first \(count) downloads of each node"
        case .first(let count, false): which = "The first \(count) downloads"
        }
        let length = hold.map { "for \($0.brief)" } ?? "until the client gives up"
        return
            "\(which) of \(url) by \(selector.prose) stop\(which.hasPrefix("E") ? "s" : "") at \(stop) \(length)"
    }

    package func run(id: String, nodes: [Node], pod: Pod) -> any FaultRun {
        let names = nodes.map(\.name)
        let rule = GatewayRule(
            id: id,
            nodes: selector.isEveryone ? nil : Set(names),
            occurrence: occurrence,
            action: .stall(url, at: stop, hold: hold)
        )
        return Run(rule: rule, clients: names)
    }

    /// Spent when every download that it was to stop has ended: a rule removed earlier would let them go on.
    struct Run: FaultRun {
        let rule: GatewayRule
        let clients: [String]
        private var ended: [String: Int] = [:]

        init(rule: GatewayRule, clients: [String]) { (self.rule, self.clients) = (rule, clients) }

        mutating func arm() -> [FaultStep] { [.apply(.rule(rule))] }

        mutating func receive(_ signal: FaultSignal) -> [FaultStep] {
            switch signal {
            case .bit(rule.id, _): return [.counted]
            case .stop: return [.heal(.rule(rule)), .healed]
            case .event(let event):
                guard event.event == "http.served", event.faults.contains(rule.id) else { return [] }
                ended[event.node ?? event.details["client"] ?? "", default: 0] += 1
                return isSpent ? [.heal(.rule(rule)), .healed] : []
            case .engineStarted, .applied, .healed, .bit, .paused, .waited: return []
            }
        }

        private var isSpent: Bool {
            switch rule.occurrence {
            case .always: false
            case .first(let count, true): clients.allSatisfy { ended[$0, default: 0] >= count }
            case .first(let count, false): ended.values.reduce(0, +) >= count
            }
        }
    }
}

extension LabEvent {
    /// The rules of the gateway that acted on this request.
    var faults: [String] { details["faults"]?.split(separator: ",").map(String.init) ?? [] }
}
