import LabModel
import Testing

@testable import PodSpec

@Suite("A rule for pods' files")
struct PodRuleTests {
    @Test(
        "is broken by its example, with the place and the severity",
        // Two formats in one pod, and inventories, are tried by tests of their own.
        arguments: PodRule.allCases.filter { ![.filesMixed, .inventory].contains($0) }
    )
    func broken(rule: PodRule) throws {
        let example = try #require(RuleExamples.all[rule], "\(rule.rawValue) has no example")
        let report = try example.files.report()
        let found = report.diagnostics.filter { $0.rule == rule.rawValue }
        #expect(!found.isEmpty, "\(report.diagnostics.map(\.description))")
        #expect(found.allSatisfy { $0.severity == example.severity && $0.line > 0 && $0.column > 0 })
        #expect(!rule.summary.isEmpty && rule.summary.hasSuffix("."))
    }

    @Test("is broken by files of two formats that are to be one pod")
    func mixed() throws {
        let folder = try PodFolder(dha: SampleFiles.opnfv.files["pod.yaml"] ?? "")
        #expect(
            try folder.problems().contains {
                $0.contains("one file is Compass4nfv's and the other is OPNFV's")
            }
        )
    }

    @Test("is a note when it is about what the lab cannot do, until the pod is racked")
    func notes() {
        for rule in PodRule.allCases where rule.rawValue.hasPrefix("rack-") {
            #expect(rule.whenRacked != nil && RuleExamples.all[rule]?.severity == .note, "\(rule)")
        }
    }

    @Test("is not broken by good files", arguments: [SampleFiles.compass, .opnfv, .own])
    func good(files: SampleFiles) throws {
        let report = try files.report()
        #expect(report.diagnostics.filter { $0.severity != .note } == [])
        #expect(report.pods.count == 1 && report.pods.allSatisfy { ($0.pod?.nodes.count ?? 0) >= 2 })
    }
}
