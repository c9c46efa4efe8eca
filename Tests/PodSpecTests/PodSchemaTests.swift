import Foundation
import LabModel
import TestSupport
import Testing
import YAML

@testable import PodSpec

@Suite("The schemas of vlab's own files")
struct PodSchemaTests {
    private func definitions(_ schema: PodSchema) throws -> [String: [String: Any]] {
        let root = try #require(JSONSerialization.jsonObject(with: Data(schema.text.utf8)) as? [String: Any])
        var all = try #require(root["$defs"] as? [String: [String: Any]])
        all[schema.rawValue] = root
        return all
    }

    private func check(_ name: String, required: [String], optional: [String], in schema: PodSchema) throws {
        let definition = try #require(try definitions(schema)[name], "\(name)")
        let properties = try #require(definition["properties"] as? [String: Any])
        #expect(Set(properties.keys) == Set(required + optional), "\(name)")
        #expect(Set(definition["required"] as? [String] ?? []) == Set(required), "\(name)")
        #expect(definition["additionalProperties"] as? Bool == false, "\(name)")
    }

    @Test("have the keys that the readers know, and no others")
    func keys() throws {
        for one in OwnMapping.allCases {
            try check(one.rawValue, required: one.required, optional: one.optional, in: .pod)
        }
        for one in LabFile.Mapping.allCases {
            try check(one.rawValue, required: one.required, optional: one.optional, in: .lab)
        }
        for (schema, known) in [
            (PodSchema.pod, OwnMapping.allCases.map(\.rawValue)),
            (.lab, LabFile.Mapping.allCases.map(\.rawValue)),
        ] {
            let mappings = try definitions(schema).filter { $0.value["properties"] != nil }
            #expect(Set(mappings.keys) == Set(known))
        }
    }

    @Test("are named by the files that use them")
    func named() throws {
        for (schema, file) in [(PodSchema.pod, "pod.yml"), (.lab, "lab.yml")] {
            let folder = "\(PodReaderTests.root)/Scenarios/pods/pod-duo"
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            let line = try #require(text.split(separator: "\n").first)
            let path = try #require(line.split(separator: "$schema=").last)
            #expect(line.hasPrefix("# yaml-language-server: $schema="))
            #expect(try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8) == schema.text)
            #expect(WrittenFile(name: file, text: "").textBesideSchema.hasSuffix("$schema=\(schema.name)\n"))
        }
    }

    // MARK: - Both judge alike

    /// A file as JSON, which is YAML too.
    private struct Case: Encodable {
        var schema: String
        var document: JSONTree
    }

    /// Files that are right, and each of them with one thing wrong.
    private static func cases() throws -> [(schema: PodSchema, tree: JSONTree, isRight: Bool)] {
        let duo = "\(PodReaderTests.root)/Scenarios/pods/pod-duo"
        let right: [(PodSchema, String)] = [
            (.pod, try #require(SampleFiles.own.files["pod.yml"])),
            (.lab, try #require(SampleFiles.lab.files["lab.yml"])),
            (.pod, try String(contentsOfFile: "\(duo)/pod.yml", encoding: .utf8)),
            (.lab, try String(contentsOfFile: "\(duo)/lab.yml", encoding: .utf8)),
        ]
        return try right.flatMap { schema, text in
            let tree = JSONTree(try YAMLDocument.parse(text, file: "f.yml").root)
            return [(schema, tree, true)] + tree.mutations.map { (schema, $0, false) }
        }
    }

    /// What the reader says of the structure: not whether addresses fit each other.
    private static func isRefused(
        _ tree: JSONTree,
        _ schema: PodSchema
    ) throws -> (structure: Bool, atAll: Bool) {
        let text = String(decoding: try JSONEncoder().encode(tree), as: UTF8.self)
        let document = try YAMLDocument.parse(text, file: "\(schema.rawValue).yml")
        var reader = YAMLReader(document)
        switch schema {
        case .pod: _ = OwnFile(document.root, &reader)
        case .lab: _ = LabFile(document.root, &reader)
        }
        let errors = reader.diagnostics.filter { $0.severity == .error }
        let structural: Set<String?> = [
            YAMLRule.unknownKey.rawValue, YAMLRule.missingKey.rawValue, YAMLRule.wrongType.rawValue,
            PodRule.schema.rawValue,
        ]
        return (errors.contains { structural.contains($0.rule) }, !errors.isEmpty)
    }

    @Test(
        "refuse what the readers refuse, and nothing that they take",
        .enabled(if: PythonEnvironment.isOnline, "VLAB_OFFLINE is set"),
        .timeLimit(.minutes(6))
    )
    func agreement() async throws {
        let cases = try Self.cases()
        #expect(cases.count > 500)
        let folder = FileManager.default.temporaryDirectory.path + "/vlab-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // A folder that stays behind hurts nobody.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let input = cases.map { Case(schema: $0.schema.rawValue, document: $0.tree) }
        try JSONEncoder().encode(input).write(to: URL(fileURLWithPath: folder + "/cases.json"))
        for schema in PodSchema.allCases {
            try schema.text.write(
                toFile: "\(folder)/\(schema.rawValue).json",
                atomically: true,
                encoding: .utf8
            )
        }
        let python = try await PythonEnvironment.with("jsonschema==4.23.0")
        let program = """
            import json, sys, jsonschema
            folder = sys.argv[1]
            judges = {}
            for name in ("pod", "lab"):
                schema = json.load(open(f"{folder}/{name}.json"))
                jsonschema.Draft7Validator.check_schema(schema)
                judges[name] = jsonschema.Draft7Validator(schema)
            for case in json.load(open(f"{folder}/cases.json")):
                print("right" if judges[case["schema"]].is_valid(case["document"]) else "wrong")
            """
        let output = try await python.run(program, folder)
        try #require(output.succeeded, "\(output.errors)")
        let verdicts = output.text.split(separator: "\n").map { $0 == "right" }
        try #require(verdicts.count == cases.count)
        var refused = 0
        for (one, isValid) in zip(cases, verdicts) {
            let reader = try Self.isRefused(one.tree, one.schema)
            let text = String(decoding: try JSONEncoder().encode(one.tree), as: UTF8.self)
            if one.isRight { #expect(isValid && !reader.atAll, "\(text)") }
            #expect(isValid || reader.atAll, "the schema alone refuses \(text)")
            #expect(!isValid || !reader.structure, "the reader alone refuses \(text)")
            refused += isValid ? 0 : 1
        }
        #expect(refused > cases.count / 2)
    }
}

/// A file's tree as JSON has it.
private indirect enum JSONTree: Encodable {
    case null
    case number(Int)
    case text(String)
    case list([JSONTree])
    case map([(key: String, value: JSONTree)])

    init(_ node: YAMLNode) {
        switch node.content {
        case .scalar(let text, .plain):
            self = node.isNull ? .null : Int(text).map { .number($0) } ?? .text(text)
        case .scalar(let text, _): self = .text(text)
        case .sequence(let items): self = .list(items.map(JSONTree.init))
        case .mapping(let entries): self = .map(entries.map { ($0.key.text ?? "", JSONTree($0.value)) })
        }
    }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ text: String) { stringValue = text }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .number(let number): try number.encode(to: encoder)
        case .text(let text): try text.encode(to: encoder)
        case .list(let items): try items.encode(to: encoder)
        case .map(let entries):
            var container = encoder.container(keyedBy: Key.self)
            for entry in entries { try container.encode(entry.value, forKey: Key(entry.key)) }
        }
    }

    /// The tree with one thing changed, for each thing in it: a key left out, one added, a value of another kind.
    var mutations: [JSONTree] {
        let others: [JSONTree] = [
            .null, .number(7), .text("wrong!"), .text(""), .list([]), .list([.null]), .map([]),
            .map([("x", .null)]),
        ]
        switch self {
        case .null, .number, .text: return others
        case .list(let items):
            return others
                + items.indices.flatMap { index in
                    items[index].mutations.map { changed in
                        var items = items
                        items[index] = changed
                        return .list(items)
                    }
                }
        case .map(let entries):
            let without = entries.indices.map { index -> JSONTree in
                var entries = entries
                entries.remove(at: index)
                return .map(entries)
            }
            let changed = entries.indices.flatMap { index in
                entries[index].value.mutations.map { value -> JSONTree in
                    var entries = entries
                    entries[index].value = value
                    return .map(entries)
                }
            }
            return others + without + [.map(entries + [("unknown", .text("x"))])] + changed
        }
    }
}
