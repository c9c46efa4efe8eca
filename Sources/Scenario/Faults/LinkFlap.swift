import LabModel
import YAML

/// A NIC's link goes down and comes up again, several times: a loose cable, a dying transceiver, a switch that restarts.
package struct LinkFlap: FaultKind {
    static let form = Form(
        "link.flap",
        "The link of a NIC goes down and comes back, several times",
        [
            (
                "where",
                NodeSelector.keys + [
                    Form.Field("nic", "ethN, or the network that it carries", required: true)
                ]
            ),
            (
                "args",
                [
                    Form.Field("down", "how long it is down each time", required: true),
                    Form.Field("up", "how long it is up between", required: true),
                    Form.Field("cycles", "how many times it goes down", required: true),
                ]
            ),
            ("when", Trigger.fields),
        ]
    )

    package var form: Form { Self.form }
    package let selector: NodeSelector
    package let nic: NICSelector?
    let down: Duration
    let up: Duration
    let cycles: Int
    let trigger: Trigger

    init?(_ source: FaultSource, _ reader: inout YAMLReader) {
        selector = NodeSelector(source.place, &reader)
        nic = reader.sourcedText(source.place?["nic"], "nic").map { NICSelector(name: $0) }
        if source.place == nil {
            reader.error(
                "link.flap has no where",
                at: source.position,
                hint: "add “where: {node: …, nic: eth0}”"
            )
        }
        if source.arguments == nil {
            reader.error(
                "link.flap has no args",
                at: source.position,
                hint: "add “args: {down: 3s, up: 2s, cycles: 4}”"
            )
        }
        let down = reader.duration(source.arguments?["down"], "down")
        let up = reader.duration(source.arguments?["up"], "up")
        let cycles = reader.integer(source.arguments?["cycles"], "cycles", in: 1...10_000)
        let trigger = source.when.map { Trigger($0, "when", &reader) } ?? .start
        guard let down, let up, let cycles, let trigger, nic != nil else { return nil }
        (self.down, self.up, self.cycles, self.trigger) = (down, up, cycles, trigger)
    }

    package var defaultUntil: Until { .spent }

    package var prose: String {
        let times = cycles == 1 ? "once" : "\(cycles) times, with \(up.brief) between"
        return
            "\(nic?.name.value ?? "A NIC") of \(selector.prose) loses its link for \(down.brief) \(times), "
            + "beginning \(trigger.prose)"
    }

    package func run(id: String, nodes: [Node], pod: Pod, seed: UInt64) -> any FaultRun {
        Run(
            fault: self,
            nodes: nodes.map { node in
                let nic = nic?.resolve(of: node, on: pod) ?? ""
                return Run.Link(node: node.name, nic: nic, rule: "\(id)@\(node.name)")
            }
        )
    }

    /// Each node's link flaps for itself, from its own trigger on.
    struct Run: FaultRun {
        struct Link: Sendable {
            enum Phase: Hashable, Sendable {
                case waiting
                case goingDown(Int), down(Int), goingUp(Int), up(Int)
                case over
            }

            let node: String
            let nic: String
            /// What holds this node's download until its link is down.
            let rule: String
            var phase = Phase.waiting
        }

        let fault: LinkFlap
        private var links: [Link]

        init(fault: LinkFlap, nodes: [Link]) {
            (self.fault, links) = (fault, nodes)
        }

        mutating func arm() -> [FaultStep] { links.compactMap { trap($0).map { .apply($0) } } }

        mutating func receive(_ signal: FaultSignal) -> [FaultStep] {
            switch signal {
            case .engineStarted:
                switch fault.trigger {
                case .start:
                    return each {
                        $0.phase == .waiting
                    } do: { _ in
                        true
                    }
                case .after(let delay): return links.map { .wait(delay, key: "start \($0.node)") }
                case .download, .console, .engine, .stage, .event: return []
                }
            case .event(let event):
                let trigger = fault.trigger
                return each {
                    $0.phase == .waiting
                } do: {
                    trigger.matches(event, nodes: [$0.node])
                }
            case .paused(let rule): return paused(rule)
            case .waited(let key): return waited(key)
            case .applied(let change): return each(change) { $0.isDown(&$1) }
            case .healed(let change): return each(change) { $0.isUp(&$1) }
            case .stop: return stop()
            case .bit: return []
            }
        }

        private var isOver: Bool { links.allSatisfy { $0.phase == .over } }

        private func cable(_ link: Link) -> Change { .linkDown(node: link.node, nic: link.nic) }

        private func trap(_ link: Link) -> Change? {
            guard case .download(let url, let place) = fault.trigger else { return nil }
            return .pause(Pause(id: link.rule, nodes: [link.node], url: url, place: place))
        }

        /// Those whose moment it is go down.
        private mutating func each(_ isDue: (Link) -> Bool, do begins: (Link) -> Bool) -> [FaultStep] {
            var steps: [FaultStep] = []
            for index in links.indices where isDue(links[index]) && begins(links[index]) {
                links[index].phase = .goingDown(1)
                steps.append(.apply(cable(links[index])))
            }
            return steps
        }

        private mutating func each(_ change: Change, _ body: (Run, inout Link) -> [FaultStep]) -> [FaultStep]
        {
            let run = self
            let wasOver = isOver
            var steps: [FaultStep] = []
            for index in links.indices where cable(links[index]) == change {
                steps += body(run, &links[index])
            }
            return steps + (isOver && !wasOver ? [.healed] : [])
        }

        private mutating func paused(_ rule: String) -> [FaultStep] {
            guard let index = links.firstIndex(where: { $0.rule == rule }) else { return [] }
            // A second download that was trapped has nothing to wait for.
            guard links[index].phase == .waiting else { return [.release(rule: rule)] }
            links[index].phase = .goingDown(1)
            return [.apply(cable(links[index]))]
        }

        private mutating func waited(_ key: String) -> [FaultStep] {
            if let index = links.firstIndex(where: { "start \($0.node)" == key && $0.phase == .waiting }) {
                links[index].phase = .goingDown(1)
                return [.apply(cable(links[index]))]
            }
            guard let index = links.firstIndex(where: { $0.node == key }) else { return [] }
            switch links[index].phase {
            case .down(let cycle):
                links[index].phase = .goingUp(cycle)
                return [.heal(cable(links[index]))]
            case .up(let cycle):
                links[index].phase = .goingDown(cycle + 1)
                return [.apply(cable(links[index]))]
            case .waiting, .goingDown, .goingUp, .over: return []
            }
        }

        private func isDown(_ link: inout Link) -> [FaultStep] {
            guard case .goingDown(let cycle) = link.phase else { return [] }
            link.phase = .down(cycle)
            var steps: [FaultStep] = [
                .applied(node: link.node, details: ["nic": link.nic, "cycle": "\(cycle)"])
            ]
            // Only now: the download was to be caught in its middle.
            if cycle == 1, case .download = fault.trigger { steps.append(.release(rule: link.rule)) }
            return steps + [.wait(fault.down, key: link.node)]
        }

        private func isUp(_ link: inout Link) -> [FaultStep] {
            guard case .goingUp(let cycle) = link.phase else { return [] }
            guard cycle == fault.cycles else {
                link.phase = .up(cycle)
                return [.wait(fault.up, key: link.node)]
            }
            link.phase = .over
            return trap(link).map { [.heal($0)] } ?? []
        }

        private mutating func stop() -> [FaultStep] {
            var steps: [FaultStep] = []
            for index in links.indices where links[index].phase != .over {
                let link = links[index]
                switch link.phase {
                case .goingDown, .down: steps += [.heal(cable(link)), .release(rule: link.rule)]
                case .waiting, .goingUp, .up, .over: break
                }
                if let trap = trap(link) { steps.append(.heal(trap)) }
                links[index].phase = .over
            }
            return steps + [.healed]
        }
    }
}
