import Gateway
import LabModel
import YAML

/// Something is wrong outside the lab: one kind of fault for each in the gateway's catalogue.
package struct OutsideFault: FaultKind {
    /// Every kind, as `http.stall`.
    static let entries = FaultCatalogue.forms.map { fault in
        FaultKinds.Entry(form: form(fault)) { Self(fault, $0, &$1) }
    }

    private static func form(_ fault: FaultForm) -> Form {
        let arguments = fault.parameters.map { parameter in
            Form.Field(
                parameter.name,
                parameter.summary + (parameter.usual.map { "; \($0) otherwise" } ?? ""),
                required: parameter.usual == nil
            )
        }
        let traffic = TrafficFamily(kind: fault.name)?.fields ?? []
        return Form(
            fault.name,
            fault.summary,
            [
                ("where", traffic + NodeSelector.keys), ("args", arguments),
                ("when", Occurrence.fields + Trigger.fields),
            ]
        )
    }

    package let form: Form
    package let selector: NodeSelector
    package let nic: NICSelector? = nil
    let traffic: TrafficSelector
    let arguments: [String: String]
    let occurrence: Occurrence
    /// Nil: before the engine starts.
    let trigger: Trigger?

    private init?(_ kind: FaultForm, _ source: FaultSource, _ reader: inout YAMLReader) {
        form = Self.form(kind)
        selector = NodeSelector(source.place, &reader)
        traffic = TrafficSelector(source.place, &reader)
        let arguments = Self.arguments(kind, source, &reader)
        let occurrence = Occurrence(source.when, &reader)
        var trigger: Trigger?
        if let when = source.when, Trigger.fields.contains(where: { when[$0.name] != nil }) {
            guard let given = Trigger(when, "when", &reader) else { return nil }
            trigger = given
        }
        self.trigger = trigger
        guard let arguments, let occurrence else { return nil }
        (self.arguments, self.occurrence) = (arguments, occurrence)
    }

    /// Checked by whoever makes the fault.
    private static func arguments(
        _ kind: FaultForm,
        _ source: FaultSource,
        _ reader: inout YAMLReader
    ) -> [String: String]? {
        let needed = kind.parameters.filter { $0.usual == nil }.map(\.name)
        if source.arguments == nil, let name = needed.first {
            reader.error("\(kind.name) has no args", at: source.position, hint: "add “args: {\(name): …}”")
            return nil
        }
        // The reader of the section has told which are missing.
        guard needed.allSatisfy({ source.arguments?[$0] != nil }) else { return nil }
        var arguments: [String: String] = [:]
        for parameter in kind.parameters {
            guard let node = source.arguments?[parameter.name] else { continue }
            guard let text = reader.text(node, parameter.name) else { return nil }
            arguments[parameter.name] = text
        }
        do {
            _ = try FaultCatalogue.fault(kind.name, arguments)
            return arguments
        } catch .badArgument(_, let name, let problem, let example) {
            let place = source.arguments?[name]?.position ?? source.position
            reader.error("\(name): \(problem)", at: place, hint: "write it like \(example)")
        } catch {
            reader.error("\(error)", at: source.arguments?.position ?? source.position)
        }
        return nil
    }

    package var defaultUntil: Until { occurrence.turns == nil ? .end : .spent }

    package var prose: String {
        let family = TrafficFamily(kind: form.name) ?? .http
        let details = arguments.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return form.summary + (details.isEmpty ? "" : " (\(details.joined(separator: ", ")))")
            + ": \(occurrence.prose(of: family.noun))\(traffic.prose)"
            + " by \(selector.isEveryone ? "anyone" : selector.prose)"
            + ", \(trigger?.prose ?? "from the begin on")"
    }

    package func run(id: String, nodes: [Node], pod: Pod, seed: UInt64) -> any FaultRun {
        let names = nodes.map(\.name)
        let clients = selector.isEveryone ? nil : Set(names)
        var match = traffic.match
        match.clients = clients
        let rule = Rule(
            id: id,
            form.name,
            arguments,
            match: match,
            occurrence: occurrence.seeded(seed, label: id)
        )
        return Run(rule: rule, trigger: trigger, nodes: names)
    }

    /// One rule for all of its nodes, from the first trigger on.
    ///
    /// It is spent when everything that it was to bite has ended: a rule removed earlier would let a stalled download go on.
    struct Run: FaultRun {
        let rule: Rule
        let trigger: Trigger?
        let nodes: [String]
        private let trap: Pause?
        private var begun = false
        private var ended: [String: Int] = [:]

        init(rule: Rule, trigger: Trigger?, nodes: [String]) {
            (self.rule, self.trigger, self.nodes) = (rule, trigger, nodes)
            if case .download(let url, let place) = trigger {
                trap = Pause(id: "\(rule.id)@trap", nodes: rule.match.clients, url: url, place: place)
            } else {
                trap = nil
            }
        }

        mutating func arm() -> [FaultStep] {
            if let trap { return [.apply(.pause(trap))] }
            return trigger == nil ? begin() : []
        }

        mutating func receive(_ signal: FaultSignal) -> [FaultStep] {
            switch signal {
            case .bit(rule.id, _): return [.counted]
            case .engineStarted:
                guard case .after(let delay) = trigger else { return [] }
                return [.wait(delay, key: "begin")]
            case .waited("begin"): return begin()
            case .event(let event):
                if !begun { return trigger?.matches(event, nodes: Set(nodes)) == true ? begin() : [] }
                return event.faults.contains(rule.id) ? end(event) : []
            case .paused(let id):
                // A second download that was trapped has nothing to wait for.
                return begun ? [.release(rule: id)] : begin()
            case .applied(.rule):
                return trap.map(Self.free) ?? []
            case .stop: return stop()
            case .applied, .healed, .bit, .waited: return []
            }
        }

        private mutating func begin() -> [FaultStep] {
            guard !begun else { return [] }
            begun = true
            return [.apply(.rule(rule))]
        }

        /// What the rule bit is over.
        private mutating func end(_ event: LabEvent) -> [FaultStep] {
            ended[event.node ?? event.details["client"] ?? "", default: 0] += 1
            guard let turns = rule.occurrence.turns else { return [] }
            let isSpent =
                rule.occurrence.isPerClient
                ? nodes.allSatisfy { ended[$0, default: 0] >= turns }
                : ended.values.reduce(0, +) >= turns
            return isSpent ? [.heal(.rule(rule)), .healed] : []
        }

        /// Lets the download go that was trapped, if any, and traps no other.
        private static func free(_ trap: Pause) -> [FaultStep] {
            [.release(rule: trap.id), .heal(.pause(trap))]
        }

        private func stop() -> [FaultStep] {
            if begun { return [.heal(.rule(rule)), .healed] }
            return (trap.map(Self.free) ?? []) + [.healed]
        }
    }
}

extension LabEvent {
    /// The rules of the gateway that acted on this request.
    var faults: [String] { details["faults"]?.split(separator: ",").map(String.init) ?? [] }
}
