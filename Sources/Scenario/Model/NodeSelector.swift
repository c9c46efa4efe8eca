import LabModel
import YAML

/// Which nodes: by name, by role, all, or some of these by chance.
package struct NodeSelector: Hashable, Sendable {
    /// How many of those that match.
    package enum Pick: Hashable, Sendable {
        case count(Int)
        case all, minority, majority
    }

    package var nodes: [Sourced<String>]
    package var role: Sourced<String>?
    package var pick: Sourced<Pick>?

    package static let keys = [
        Form.Field("node", "a node's name, or a list of names"),
        Form.Field("role", "nodes with this role; all means every node"),
        Form.Field(
            "pick",
            "how many of them, chosen by the seed: a number, minority, majority, all, random (one)"
        ),
    ]

    package init(nodes: [Sourced<String>] = [], role: Sourced<String>? = nil, pick: Sourced<Pick>? = nil) {
        (self.nodes, self.role, self.pick) = (nodes, role, pick)
    }

    init(_ map: YAMLReader.Mapping?, _ reader: inout YAMLReader) {
        (nodes, role, pick) = ([], nil, nil)
        guard let map else { return }
        if let node = map["node"], node.items != nil {
            nodes = (node.items ?? []).compactMap { reader.sourcedText($0, "each item of node") }
        } else if let name = reader.sourcedText(map["node"], "node") {
            nodes = [name]
        }
        if let named = reader.sourcedText(map["role"], "role"), named.value != "all" { role = named }
        if !nodes.isEmpty, map["role"] != nil {
            reader.error(
                "node and role exclude each other",
                at: map.place(of: "role"),
                hint: "keep one of them"
            )
        }
        if let node = map["pick"] { pick = Self.pick(node, &reader) }
    }

    private static func pick(_ node: YAMLNode, _ reader: inout YAMLReader) -> Sourced<Pick>? {
        let words: [String: Pick] = [
            "all": .all, "minority": .minority, "majority": .majority, "random": .count(1),
        ]
        let example = "a number, minority, majority, all or random"
        let pick = reader.value(node, "pick", example: example) { text -> Pick? in
            words[text] ?? Int(text).flatMap { $0 > 0 ? .count($0) : nil }
        }
        return pick.map { Sourced(value: $0, place: SourcePlace(reader.file, node.position)) }
    }

    /// Whether nothing narrows it.
    package var isEveryone: Bool { nodes.isEmpty && role == nil && (pick == nil || pick?.value == .all) }

    func problems(on pod: Pod) -> [Diagnostic] {
        var problems: [Diagnostic] = []
        let names = pod.nodes.map(\.name)
        for node in nodes where !names.contains(node.value) {
            let hint = Suggestion.hint(for: node.value, among: names, "node")
            problems.append(node.place.error("pod \(pod.name) has no node “\(node.value)”", hint: hint))
        }
        let roles = Set(pod.nodes.flatMap(\.roles))
        if let role, !roles.contains(role.value) {
            let hint = Suggestion.hint(for: role.value, among: roles, "role")
            problems.append(
                role.place.error("pod \(pod.name) has no node with the role “\(role.value)”", hint: hint)
            )
        }
        if problems.isEmpty, let pick, case .count(let count) = pick.value, count > candidates(in: pod).count
        {
            let found = candidates(in: pod).count
            let message = "cannot pick \(count) of \(found) node\(found == 1 ? "" : "s") of pod \(pod.name)"
            problems.append(pick.place.error(message, hint: "pick at most \(found)"))
        }
        return problems
    }

    /// Before the dice, in the pod's order.
    private func candidates(in pod: Pod) -> [Node] {
        pod.nodes.filter { node in
            (nodes.isEmpty || nodes.contains { $0.value == node.name })
                && (role.map { node.roles.contains($0.value) } ?? true)
        }
    }

    /// The nodes that are meant; `label` is whose choice it is.
    package func choose(from pod: Pod, seed: UInt64, label: String) -> [Node] {
        let all = candidates(in: pod)
        var chance = SeededChoice(seed: seed, label: label)
        switch pick?.value {
        case nil, .all: return all
        case .count(let count): return chance.pick(count, of: all)
        case .minority: return chance.pick(max(1, (all.count - 1) / 2), of: all)
        case .majority: return chance.pick(all.count / 2 + 1, of: all)
        }
    }

    var prose: String {
        let who: String
        if !nodes.isEmpty {
            who = nodes.map(\.value).joined(separator: ", ")
        } else {
            who = role.map { "\($0.value)s" } ?? "nodes"
        }
        switch pick?.value {
        case nil, .all: return nodes.isEmpty ? "all \(who)" : who
        case .count(let count): return "\(count) of the \(who)"
        case .minority: return "a minority of the \(who)"
        case .majority: return "a majority of the \(who)"
        }
    }
}
