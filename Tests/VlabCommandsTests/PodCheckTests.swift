import Foundation
import LabModel
import PodSpec
import TestSupport
import Testing

@testable import VlabCommands

@Suite("What vlab pod check shows")
struct PodCheckTests {
    private static let folder = "\(Project.folder)/Scenarios/pods/pod1"

    private func report() throws -> PodReport {
        PodReport(checking: try PodReport.files([Self.folder]))
    }

    @Test("is the problems, the pod and the sum, for a person")
    func text() throws {
        let lines = PodCheckText(try report(), files: 2).lines.joined(separator: "\n").split(separator: "\n")
        #expect(lines.first?.hasSuffix("[nic-without-mac]") == true)
        #expect(lines.contains { $0.hasPrefix("cmp002") && $0.contains("192.168.20.202") })
        #expect(lines.last == "2 files: 0 errors, 0 warnings, 3 notes")
    }

    @Test("is a SARIF log whose results name rules of the tool, with place and level")
    func sarif() throws {
        let data = try JSONEncoder().encode(SARIFLog(try report()))
        let log = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(log["version"] as? String == "2.1.0" && log["$schema"] as? String != nil)
        let run = try #require((log["runs"] as? [[String: Any]])?.first)
        let driver = try #require((run["tool"] as? [String: [String: Any]])?["driver"])
        let rules = try #require(driver["rules"] as? [[String: Any]])
        let ids = rules.compactMap { $0["id"] as? String }
        #expect(Set(ids).count == rules.count && driver["name"] as? String == "vlab")
        let results = try #require(run["results"] as? [[String: Any]])
        #expect(results.count == 3)
        for result in results {
            let index = try #require(result["ruleIndex"] as? Int)
            #expect(ids[index] == result["ruleId"] as? String)
            #expect(result["level"] as? String == "note")
            #expect((result["message"] as? [String: String])?["text"]?.isEmpty == false)
            let place = try #require(
                (result["locations"] as? [[String: [String: Any]]])?.first?["physicalLocation"]
            )
            let uri = (place["artifactLocation"] as? [String: String])?["uri"]
            #expect(uri == URL(fileURLWithPath: "\(Self.folder)/dha.yml").absoluteString)
            let region = try #require(place["region"] as? [String: Int])
            #expect(
                region.keys.sorted() == ["startColumn", "startLine"] && region.values.allSatisfy { $0 > 0 }
            )
        }
    }

    @Test("is of what comes through a pipe, too")
    func pipes() throws {
        #expect(try PodReport.files(["-", "/dev/null"]) == ["/dev/stdin", "/dev/null"])
    }

    @Test("is wrong usage when no file and no pod has the name")
    func missing() {
        #expect(throws: PodNotFound.self) { try PodReport.files(["/nowhere/at-all.yml"]) }
    }
}
