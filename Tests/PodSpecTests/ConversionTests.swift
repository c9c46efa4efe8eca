import Foundation
import LabModel
import Testing
import YAML

@testable import PodSpec

@Suite("A pod that is converted")
struct ConversionTests {
    /// A pod without errors in its files, and where it is from.
    struct Source: Sendable, CustomTestStringConvertible {
        var label: String
        var entry: PodReport.Entry
        /// Of its folder, where pods are much alike.
        var isFirst: Bool
        var testDescription: String { label }
    }

    private static let samples: [Source] = [
        ("compass", SampleFiles.compass), ("opnfv", .opnfv), ("own", .own),
    ].flatMap { name, files in
        // A sample that cannot be written is missed by the first test.
        sources(
            of: (try? files.adding("lab.yml", lab).report()) ?? PodReport(checking: []),
            label: "sample \(name)"
        )
    }

    private static let lab = """
        memory: 1G
        image: micro
        bmc: {profile: openbmc}
        roles: {controller: {cpus: 2, disks: [4G, 8G], image: debian13}}
        engine: {policy: compass-gambia}
        uplink: cache
        https: {open: ["*.example.org"]}

        """

    /// Pods of all files of the field that have no error.
    private static let field: [Source] = PodCorpus.folders.flatMap { place in
        sources(of: PodReport(checking: PodCorpus.paths(in: place)), label: place)
    }

    private static func sources(of report: PodReport, label: String) -> [Source] {
        let wrong = Set(report.diagnostics.filter { $0.severity == .error }.map(\.file))
        let whole = report.pods.filter { $0.pod != nil && wrong.isDisjoint(with: $0.files) }
        return whole.enumerated().map { index, entry in
            let names = entry.files.map { URL(fileURLWithPath: $0).lastPathComponent }
            return Source(
                label: "\(label): \(names.joined(separator: " "))",
                entry: entry,
                isFirst: index == 0
            )
        }
    }

    /// A pod with everything said that its files may leave to be understood.
    private static func effective(_ pod: Pod) -> Pod {
        var pod = pod
        pod.bootNetwork = pod.installNetwork?.name
        for index in pod.networks.indices {
            let network = pod.networks[index]
            let named = pod.nodes.indices.compactMap { node in
                pod.address(ofNodeAt: node, on: network).map { (pod.nodes[node].name, $0) }
            }
            pod.networks[index].addresses = Dictionary(named) { $1 }
        }
        return pod
    }

    /// What is in files that were written, read as anybody would read them.
    private func read(_ files: [WrittenFile], as name: String) throws -> PodReport {
        try SampleFiles(files: Dictionary(files.map { ($0.name, $0.text) }) { $1 }).report(in: name)
    }

    private func change(_ item: ConversionItem) -> PodDifference.Change {
        let kind: PodDifference.Change.Kind =
            item.property != nil ? .changed : item.before != nil ? .removed : .added
        return .init(
            kind: kind,
            subject: item.subject,
            property: item.property,
            before: item.before,
            after: item.after
        )
    }

    /// What no pod can hold, and is told all the same.
    private static let beside: Set<String> = [
        "details", "jumphost", "nodes", "network.yml", "DHA file", "descriptor", "installer",
    ]

    @Test(
        "is the same afterwards but for what is reported, to and from each format",
        arguments: samples + field
    )
    func roundTrip(source: Source) throws {
        let pod = try #require(source.entry.pod)
        for target in PodTarget.allCases {
            let there = try PodConversion(of: source.entry, to: target)
            let report = try read(there.files, as: pod.name)
            let errors = report.diagnostics.filter { $0.severity == .error }
            #expect(errors == [], "\(target)")
            let found = try #require(report.pods.first?.pod, "\(target)")
            let told = there.items.filter { !Self.beside.contains($0.subject) }.map(change)
            #expect(Set(told) == Set(PodDifference(from: pod, to: found).changes), "\(target)")
            #expect(target != .vlab || told == [], "\(target)")
            // Not only by the words of differences.
            #expect(target != .vlab || Self.effective(found) == Self.effective(pod))
            guard source.isFirst else { continue }
            // Nothing more is lost on the way on, whichever way that is.
            for next in PodTarget.allCases {
                let back = try PodConversion(of: found, to: next)
                let again = try read(back.files, as: pod.name)
                let last = try #require(again.pods.first?.pod, "\(target) \(next)")
                let lost = back.items.filter { !Self.beside.contains($0.subject) }.map(change)
                #expect(Set(lost) == Set(PodDifference(from: found, to: last).changes), "\(target) \(next)")
                #expect(next != target && next != .vlab || lost == [], "\(target) \(next)")
            }
        }
    }

    @Test("keeps two networks apart that are on one wire for different roles")
    func sharedWire() throws {
        let files = SampleFiles.compass.replacing(
            "name: tenant, interface: eth2, type: normal, vlan_tag: 101, role: [controller, compute]",
            in: "network.yml",
            by: "name: tenant, interface: eth2, type: normal, vlan_tag: 101, role: [compute]"
        ).replacing(
            "name: external, interface: eth1, vlan_tag: None",
            in: "network.yml",
            by: "name: external, interface: eth2, vlan_tag: 101, role: [controller]"
        )
        let pod = try #require(try files.report().pods.first?.pod)
        for target in [PodTarget.vlab, .compass] {
            #expect(try PodConversion(of: pod, to: target).items == [], "\(target)")
        }
    }

    @Test("is there to be converted, in files of the field too")
    func sources() {
        #expect(Self.samples.count == 3)
        #expect(Self.field.count > 30 || !PodCorpus.isThere)
    }

    @Test("loses what it always lost", arguments: samples.map(\.label) + ["field"])
    func golden(label: String) throws {
        let sources = label == "field" ? Self.field : Self.samples.filter { $0.label == label }
        var lines: [String] = []
        for source in sources {
            for target in PodTarget.allCases {
                let conversion = try PodConversion(of: source.entry, to: target)
                lines.append("# \(source.label) → \(target.rawValue)")
                lines +=
                    label == "field" ? Self.summary(conversion.items) : conversion.items.map(\.description)
                if label != "field" {
                    for file in conversion.files { lines += ["## \(file.name)", file.text] }
                }
            }
        }
        guard PodCorpus.isThere || label != "field" else { return }
        let name = label == "field" ? "field" : String(label.dropFirst(7).prefix { $0 != ":" })
        try expectGolden(lines.joined(separator: "\n") + "\n", "conversion-\(name).golden")
    }

    @Test(
        "says which file its lab.yml needs beside it",
        arguments: [
            ("{policy: ./mine.yml}", ["./mine.yml"]), ("{command: [engines/a.sh, ./b]}", ["engines/a.sh"]),
            ("{policy: default}", []), ("{command: [deploy, ./b]}", []), ("{policy: /etc/mine.yml}", []),
        ]
    )
    func beside(engine: String, expected: [String]) throws {
        let report = try SampleFiles.own.adding("lab.yml", "engine: \(engine)\n").report()
        let items = try PodConversion(of: try #require(report.pods.first), to: .vlab).items
        let named = items.filter { $0.subject == "lab.yml" && $0.property == "engine" }
        #expect(named.map(\.after) == expected)
    }

    /// Each kind of item once, with how many there are.
    private static func summary(_ items: [ConversionItem]) -> [String] {
        let kinds = items.map { item in
            let what = item.subject.split(separator: " ")[0]
            return "\(item.kind.rawValue): \(what)" + (item.property.map { ": \($0)" } ?? "")
        }
        let counts = Dictionary(kinds.map { ($0, 1) }, uniquingKeysWith: +)
        return counts.sorted { $0.key < $1.key }.map { "\($0.key) × \($0.value)" }
    }
}

@Suite("Text that is written as YAML")
struct YAMLTextTests {
    @Test(
        "is read as the text that it was",
        arguments: [
            "", " ", "a", "no", "None", "~", "null", "1", "010", "1:50", "2.0", "1e3", "0x10", "2001-01-01",
            "-", "- a",
            "a: b", "a #b", "#a", "[a]", "{a}", "&a", "*a", "!a", "%a", "@a", "`a", "'", "\"", "\\", "a\nb",
            "\t", "\u{7}",
            "é", "中文", "\u{2028}", "\u{FEFF}", "😀", "a:", ":a", "44:a8:42:14:cd:0d", "10:20:30:40:50:59",
            "...", "---",
            "10.20.0.0/24", "<<", "=", "ENC[x]", "orange*", "a, b", "trailing ", "?", "|", ">", "\u{85}",
            "\u{0}",
        ]
    )
    func scalars(text: String) throws {
        let written = YAMLText.document([
            .init("block", .list([.map([.init("k", .list([.map([.init("k", .text(text))])]))])])),
            .init("flow", .texts([text, text])), .init("plain", .text(text)),
        ])
        let root = try YAMLDocument.parse(written, file: "f.yml").root
        #expect(root["plain"]?.text == text && root["plain"]?.misreading == nil, "\(written)")
        #expect(root["flow"]?.items?.map(\.text) == [text, text], "\(written)")
        #expect(root["block"]?.items?.first?["k"]?.items?.first?["k"]?.text == text, "\(written)")
        #expect(root["plain"]?.isNull == false)
    }

    @Test("keeps lines short, comments beside their keys, and values that are alike under one name")
    func layout() throws {
        let long = YAMLText.texts((0..<40).map { "word\($0)" })
        let text = YAMLText.document(
            [
                .init("a", .text("x"), comment: "assumed"), .init("long", long),
                .init("m", .anchored("m1", .map([.init("k", .number(1))]))), .init("n", .alias("m1")),
                .init("empty", .map([])),
            ],
            header: ["Made by a test.", ""]
        )
        #expect(text.hasPrefix("# Made by a test.\n#\na: x  # assumed\n\nlong:\n  - word0\n"))
        #expect(text.hasSuffix("\nm: &m1 {k: 1}\nn: *m1\nempty: {}\n"))
        let root = try YAMLDocument.parse(text, file: "f.yml").root
        #expect(root["n"]?["k"]?.text == "1" && root["long"]?.items?.count == 40)
    }
}
