import Gateway
import LabModel

/// Rules that a person installs in a lab's gateway, beside those of a scenario that runs: they end with the lab.
struct HandRules: Sendable {
    /// No fault of a scenario has a dot in its id, so that a rule by hand never takes its place.
    private static let prefix = "hand."

    let gateway: Gateway
    let events: EventSink

    /// What a rule that somebody calls so is called here.
    static func id(_ name: String) -> String { isByHand(name) ? name : prefix + name }

    static func isByHand(_ id: String) -> Bool { id.hasPrefix(prefix) }

    /// From the next request on; a rule without an id gets the next number.
    func install(_ rule: Rule) async throws -> Rule {
        var rule = rule
        if rule.id.isEmpty {
            let taken = Set(gateway.installed.map(\.rule.id))
            rule.id = (1...taken.count + 1).lazy.map { Self.id("\($0)") }.first { !taken.contains($0) } ?? ""
        }
        rule.id = Self.id(rule.id)
        try gateway.install(rule)
        await gateway.settle()
        events(LabEvent("rule.installed", ["rule": rule.id, "kind": rule.kind]))
        return rule
    }

    /// Heals one, or all that were installed by hand; which they were.
    func remove(_ name: String?) async throws -> [String] {
        let known = gateway.installed.map(\.rule.id).filter(Self.isByHand)
        let wanted = name.map { [Self.id($0)] } ?? known
        let removed = wanted.filter { gateway.remove($0) }
        await gateway.settle()
        if let name, removed.isEmpty {
            let isOfScenario = gateway.installed.contains { $0.rule.id == name }
            throw ControlError.refused(
                isOfScenario
                    ? "“\(name)” belongs to the scenario that runs, which heals it; ^C in its terminal ends it"
                    : "no rule “\(name)” was installed by hand; "
                        + (known.isEmpty ? "there is none" : "there are \(known.joined(separator: ", "))")
            )
        }
        for id in removed { events(LabEvent("rule.removed", ["rule": id])) }
        return removed
    }
}
