import IPMI
import LabModel
import YAML

/// A node's BMC is not what it should be: one kind of fault for each way in which a BMC can misbehave.
package struct BMCMisbehaviour: FaultKind {
    /// Every kind, as `bmc.slow`.
    static let entries = MisbehaviourForm.all.map { misbehaviour in
        FaultKinds.Entry(form: form(misbehaviour)) { Self(misbehaviour, $0, &$1) }
    }

    private static func form(_ misbehaviour: MisbehaviourForm) -> Form {
        let arguments = misbehaviour.parameters.map {
            Form.Field($0.name, "\($0.summary); \($0.usual) otherwise")
        }
        return Form(
            "bmc.\(misbehaviour.name)",
            misbehaviour.summary,
            [("where", NodeSelector.keys), ("args", arguments), ("when", Trigger.fields)]
        )
    }

    package let form: Form
    package let selector: NodeSelector
    package let nic: NICSelector? = nil
    let misbehaviour: Misbehaviour
    /// Nil: before the engine starts.
    let trigger: Trigger?

    private init?(_ kind: MisbehaviourForm, _ source: FaultSource, _ reader: inout YAMLReader) {
        form = Self.form(kind)
        selector = NodeSelector(source.place, &reader)
        var arguments: [String: String] = [:]
        for parameter in kind.parameters {
            guard let node = source.arguments?[parameter.name] else { continue }
            guard let text = reader.text(node, parameter.name) else { return nil }
            arguments[parameter.name] = text
        }
        var trigger: Trigger?
        if let when = source.when {
            guard let given = Trigger(when, "when", &reader) else { return nil }
            trigger = given
        }
        self.trigger = trigger
        do {
            misbehaviour = try Misbehaviour(kind.name, arguments)
        } catch {
            reader.error("\(error)", at: source.arguments?.position ?? source.position)
            return nil
        }
    }

    package var defaultUntil: Until { .end }

    package var prose: String {
        let (_, arguments) = misbehaviour.text
        let details = arguments.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
        return
            "The BMCs of \(selector.prose) misbehave \(trigger?.prose ?? "from the begin on"): \(form.summary)"
            + (details.isEmpty ? "" : " (\(details))")
    }

    package func run(id: String, nodes: [Node], pod: Pod, seed: UInt64) -> any FaultRun {
        Run(
            id: id,
            misbehaviour: misbehaviour,
            trigger: trigger,
            waiting: nodes.filter { $0.bmc != nil }.map(\.name)
        )
    }

    /// Each node's BMC misbehaves from its own trigger on.
    struct Run: FaultRun {
        let id: String
        let misbehaviour: Misbehaviour
        let trigger: Trigger?
        private var waiting: [String]
        private var misbehaving: [String] = []

        init(id: String, misbehaviour: Misbehaviour, trigger: Trigger?, waiting: [String]) {
            (self.id, self.misbehaviour, self.trigger, self.waiting) = (id, misbehaviour, trigger, waiting)
        }

        mutating func arm() -> [FaultStep] {
            guard trigger == nil else { return waiting.compactMap(trap).map { .apply(.pause($0)) } }
            return begin { _ in true }
        }

        mutating func receive(_ signal: FaultSignal) -> [FaultStep] {
            switch signal {
            case .bit(id, _): return [.counted]
            case .engineStarted:
                switch trigger {
                case .start: return begin { _ in true }
                case .after(let delay): return [.wait(delay, key: "begin")]
                case .download, .console, .engine, .stage, .event, nil: return []
                }
            case .waited("begin"): return begin { _ in true }
            case .event(let event):
                guard let trigger else { return [] }
                return begin { trigger.matches(event, nodes: [$0]) }
            case .paused(let rule):
                let id = id
                let begun = begin { Self.ruleID(id, $0) == rule }
                // A second download that was trapped has nothing to wait for.
                return begun.isEmpty ? [.release(rule: rule)] : begun
            case .applied(.misbehaviour(_, let node, _)):
                guard case .download = trigger else { return [] }
                return [.release(rule: Self.ruleID(id, node))]
            case .stop: return stop()
            case .applied, .healed, .bit, .waited: return []
            }
        }

        private static func ruleID(_ id: String, _ node: String) -> String { "\(id)@\(node)" }

        /// Halts a node's download until its BMC misbehaves.
        private func trap(_ node: String) -> Pause? {
            guard case .download(let url, let place) = trigger else { return nil }
            return Pause(id: Self.ruleID(id, node), nodes: [node], url: url, place: place)
        }

        private func change(_ node: String) -> Change { .misbehaviour(id: id, node: node, misbehaviour) }

        private mutating func begin(_ isDue: (String) -> Bool) -> [FaultStep] {
            let due = waiting.filter(isDue)
            waiting.removeAll(where: isDue)
            misbehaving += due
            return due.map { .apply(change($0)) }
        }

        private mutating func stop() -> [FaultStep] {
            let traps = (waiting + misbehaving).compactMap(trap)
            let steps =
                misbehaving.map { FaultStep.heal(change($0)) }
                + traps.flatMap { [.release(rule: $0.id), .heal(.pause($0))] }
            (waiting, misbehaving) = ([], [])
            return steps + [.healed]
        }
    }
}
