import Foundation
import LabModel
import YAML

/// Reads a scenario's file, strictly, every problem at once.
package struct ScenarioReader {
    /// The scenario and what is odd about its file; the files that it names are looked for beside it.
    package static func read(_ path: String) throws(Diagnostics) -> (Scenario, [Diagnostic]) {
        try read(YAMLDocument.read(contentsOf: path), beside: URL(fileURLWithPath: path))
    }

    package static func read(text: String, file: String) throws(Diagnostics) -> (Scenario, [Diagnostic]) {
        try read(YAMLDocument.parse(text, file: file))
    }

    private static func read(
        _ document: YAMLDocument,
        beside place: URL? = nil
    ) throws(Diagnostics) -> (Scenario, [Diagnostic]) {
        var reader = YAMLReader(document)
        let scenario = scenario(document, &reader)
        if let place { checkPolicy(document.root["engine"]?["policy"], beside: place, &reader) }
        let warnings = try reader.finish()
        guard let scenario else { throw Diagnostics(warnings) }
        return (scenario, warnings)
    }

    private static func scenario(_ document: YAMLDocument, _ reader: inout YAMLReader) -> Scenario? {
        let top = reader.mapping(
            document.root,
            "a scenario",
            required: ["scenario", "pod", "faults", "expect"],
            optional: ["seed", "reproduces", "engine", "budget", "on_failure"]
        )
        guard let top else { return nil }
        let name = reader.value(top["scenario"], "scenario", example: "download-timeout") { text in
            text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) } ? text : nil
        }
        let faults = faults(top["faults"], &reader)
        let expect = reader.mapping(top["expect"], "expect", optional: ["during", "recover", "classify"])
        let during = expectations(expect?["during"], "during", &reader)
        let recover = expectations(expect?["recover"], "recover", &reader)
        if let expect, ["during", "recover"].allSatisfy({ expect[$0]?.items?.isEmpty ?? true }) {
            reader.error(
                "nothing is expected",
                at: expect.position,
                hint: "add “recover:” with engine.status"
            )
        }
        let onFailure = (reader.sequence(top["on_failure"], "on_failure") ?? [])
            .compactMap { reader.choice($0, "on_failure", Scenario.OnFailure.self) }
        let budget = reader.mapping(top["budget"], "budget", required: ["wall"])
        let wall = reader.duration(budget?["wall"], "wall")
        return Scenario(
            name: name ?? "",
            file: reader.file,
            pod: reader.text(top["pod"], "pod") ?? "",
            seed: UInt64(reader.integer(top["seed"], "seed", in: 0...Int.max) ?? 0),
            reproduces: reader.texts(top["reproduces"], "reproduces", orOne: true) ?? [],
            engine: engine(top["engine"], &reader),
            budget: wall ?? .seconds(1800),
            faults: faults,
            during: during,
            recover: recover,
            classify: classify(expect?["classify"], &reader),
            onFailure: onFailure
        )
    }

    private static func engine(_ node: YAMLNode?, _ reader: inout YAMLReader) -> EngineSpec {
        let map = reader.mapping(node, "engine", optional: ["policy", "command", "pace", "args"])
        let policy = reader.text(map?["policy"], "policy")
        let command = reader.texts(map?["command"], "command", orOne: true)
        if let map, policy != nil, command != nil {
            reader.error(
                "policy and command exclude each other",
                at: map.place(of: "command"),
                hint: "keep one of them"
            )
        }
        if let node = map?["command"], command?.isEmpty == true {
            reader.error("command is empty", at: node.position, hint: "name a program")
        }
        return EngineSpec(
            policy: policy,
            command: command,
            pace: reader.integer(map?["pace"], "pace", in: 1...10_000) ?? 1,
            arguments: reader.texts(map?["args"], "args") ?? []
        )
    }

    /// A policy's file lies beside the scenario's, where the engine runs.
    private static func checkPolicy(_ node: YAMLNode?, beside place: URL, _ reader: inout YAMLReader) {
        let names = LabSettings.Engine.builtInPolicies
        guard let node, let policy = node.text, !names.contains(policy) else { return }
        let path = URL(fileURLWithPath: policy, relativeTo: place).standardizedFileURL.path
        // What is there and cannot be read the engine tells.
        if FileManager.default.contents(atPath: path) != nil { return }
        reader.error(
            "there is no policy \(policy), and no file \(path)",
            at: node.position,
            hint: policy.contains("/")
                ? "correct the path, which begins at the scenario's folder"
                : Suggestion.hint(for: policy, among: names, "policy")
        )
    }

    // MARK: - Faults

    private static func faults(_ node: YAMLNode?, _ reader: inout YAMLReader) -> [Fault] {
        guard let node, let items = reader.sequence(node, "faults") else { return [] }
        if items.isEmpty {
            reader.error("faults is empty", at: node.position, hint: "a scenario breaks something")
        }
        var ids: Set<String> = []
        return items.compactMap { item in
            guard let fault = fault(item, &reader) else { return nil }
            if !ids.insert(fault.id).inserted {
                reader.error(
                    "two faults are called \(fault.id)",
                    at: item["id"]?.position ?? item.position,
                    hint: "rename one"
                )
            }
            return fault
        }
    }

    private static func fault(_ node: YAMLNode, _ reader: inout YAMLReader) -> Fault? {
        let keys = ["where", "args", "when", "until"]
        guard let map = reader.mapping(node, "a fault", required: ["id", "kind"], optional: keys) else {
            return nil
        }
        let id = reader.value(
            map["id"],
            "id",
            example: "slow-mirror: letters, digits and hyphens",
            identifier
        )
        let kind = kind(map, &reader)
        var until = kind?.defaultUntil
        if let node = map["until"] {
            guard let given = Until(node, "until", &reader) else { return nil }
            if given == .spent, let kind, kind.defaultUntil != .spent {
                reader.error(
                    "\(kind.form.name) is never spent like this",
                    at: node.position,
                    hint: "write end, {after: 90s}, or how often in “when:”"
                )
                return nil
            }
            until = given
        }
        guard let id, let kind, let until else { return nil }
        return Fault(id: id, place: SourcePlace(reader.file, map.position), kind: kind, until: until)
    }

    private static func identifier(_ text: String) -> String? {
        text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") } ? text : nil
    }

    private static func kind(_ map: YAMLReader.Mapping, _ reader: inout YAMLReader) -> (any FaultKind)? {
        guard let node = map["kind"], let name = reader.text(node, "kind") else { return nil }
        guard let kind = FaultKinds.named(name) else {
            let hint = Suggestion.hint(for: name, among: FaultKinds.all.map { $0.form.name }, "fault")
            reader.error("unknown fault “\(name)”", at: node.position, hint: hint)
            return nil
        }
        let form = kind.form
        let place = section("where", map, form, &reader)
        let arguments = section("args", map, form, &reader)
        let when = section("when", map, form, &reader)
        let source = FaultSource(position: map.position, place: place, arguments: arguments, when: when)
        return kind.read(source, &reader)
    }

    private static func section(
        _ name: String,
        _ map: YAMLReader.Mapping,
        _ form: Form,
        _ reader: inout YAMLReader
    ) -> YAMLReader.Mapping? {
        guard let node = map[name] else { return nil }
        let fields = form.fields(name)
        guard !fields.isEmpty else {
            reader.error("\(form.name) takes no “\(name)”", at: map.place(of: name), hint: "remove it")
            return nil
        }
        return reader.mapping(
            node,
            "\(name) of \(form.name)",
            required: fields.filter(\.required).map(\.name),
            optional: fields.filter { !$0.required }.map(\.name)
        )
    }

    // MARK: - Expectations

    private static func expectations(
        _ node: YAMLNode?,
        _ section: String,
        _ reader: inout YAMLReader
    ) -> [Expectation] {
        (reader.sequence(node, section) ?? []).compactMap { item in
            guard let entries = item.entries, entries.count == 1, let entry = entries.first,
                let name = entry.key.text
            else {
                reader.error(
                    "an item of \(section) must be one expectation: “- engine.status: …”",
                    at: item.position
                )
                return nil
            }
            let known = ExpectationCatalogue.kinds.map { $0.form.name }
                .filter { section == "recover" || ExpectationCatalogue.invariants.contains($0) }
            guard let kind = ExpectationCatalogue.kind(named: name), known.contains(name) else {
                let hint = Suggestion.hint(for: name, among: known, "expectation")
                let what =
                    known.contains(name) || ExpectationCatalogue.kind(named: name) == nil
                    ? "unknown" : "no lasting"
                reader.error("\(what) expectation “\(name)”", at: entry.key.position, hint: hint)
                return nil
            }
            let within = entry.value["within"]
            if let within, section == "during" {
                reader.error(
                    "what is expected during a run has no “within”",
                    at: within.position,
                    hint: "move it to recover"
                )
            }
            let limit = reader.duration(within, "within")
            guard let made = kind.read(entry.value, &reader), (limit == nil) == (within == nil) else {
                return nil
            }
            return Expectation(place: SourcePlace(reader.file, entry.key.position), kind: made, within: limit)
        }
    }

    private static func classify(_ node: YAMLNode?, _ reader: inout YAMLReader) -> [Classification] {
        (reader.sequence(node, "classify") ?? []).compactMap { item in
            guard let map = reader.mapping(item, "an item of classify", required: ["when", "as"]) else {
                return nil
            }
            let kind = reader.choice(map["as"], "as", Classification.Kind.self)
            let when = reader.mapping(map["when"], "when", optional: ["console", "engine", "event"])
            var triggers: [Trigger] = []
            if let pattern = reader.pattern(when?["console"], "console") {
                triggers.append(.console(pattern))
            }
            if let pattern = reader.pattern(when?["engine"], "engine") { triggers.append(.engine(pattern)) }
            if let event = reader.text(when?["event"], "event") { triggers.append(.event(event)) }
            guard let trigger = triggers.first, triggers.count == 1, let kind else {
                if let when, when.keys.count != 1 {
                    reader.error("when must say one of console, engine and event", at: when.position)
                }
                return nil
            }
            return Classification(when: trigger, kind: kind)
        }
    }
}
