import Foundation
import LabModel
import PodSpec
import YAML

/// Problems as editors and code hosts read them (OASIS SARIF 2.1.0).
struct SARIFLog: Encodable {
    let schema = "https://json.schemastore.org/sarif-2.1.0.json"
    let version = "2.1.0"
    let runs: [Run]

    enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case version, runs
    }

    /// §3.14.
    struct Run: Encodable {
        let tool: Tool
        let results: [Result]
        /// YAML's columns count code points (§3.14.17).
        let columnKind = "unicodeCodePoints"
    }

    /// §3.18 and §3.19.
    struct Tool: Encodable {
        struct Driver: Encodable {
            let name = "vlab"
            let rules: [Rule]
        }
        let driver: Driver
    }

    /// §3.49.
    struct Rule: Encodable {
        let id: String
        let shortDescription: Message
    }

    /// §3.11.
    struct Message: Encodable { let text: String }

    /// §3.27.
    struct Result: Encodable {
        let ruleId: String?
        let ruleIndex: Int?
        let level: String
        let message: Message
        let locations: [Location]
    }

    /// §3.28, §3.29 and §3.30.
    struct Location: Encodable {
        struct Physical: Encodable {
            let artifactLocation: Artifact
            let region: Region
        }
        struct Artifact: Encodable { let uri: String }
        struct Region: Encodable { let startLine, startColumn: Int }
        let physicalLocation: Physical
    }

    init(_ report: PodReport) {
        let rules =
            YAMLRule.allCases.map { Rule(id: $0.rawValue, shortDescription: Message(text: $0.summary)) }
            + PodRule.allCases.map { Rule(id: $0.rawValue, shortDescription: Message(text: $0.summary)) }
        let indices = Dictionary(zip(rules.map(\.id), rules.indices)) { first, _ in first }
        let results = report.diagnostics.map { problem in
            Result(
                ruleId: problem.rule,
                ruleIndex: problem.rule.flatMap { indices[$0] },
                level: problem.severity.rawValue,
                message: Message(text: problem.message + (problem.hint.map { "; \($0)" } ?? "")),
                locations: [Self.location(of: problem)]
            )
        }
        runs = [Run(tool: Tool(driver: Tool.Driver(rules: rules)), results: results)]
    }

    private static func location(of problem: Diagnostic) -> Location {
        Location(
            physicalLocation: Location.Physical(
                artifactLocation: Location.Artifact(uri: uri(of: problem.file)),
                region: Location.Region(startLine: problem.line, startColumn: problem.column)
            )
        )
    }

    /// A path that is not absolute stays so: whoever reads the log knows what it is from (§3.4.3).
    private static func uri(of path: String) -> String {
        if path.hasPrefix("/") { return URL(fileURLWithPath: path).absoluteString }
        return path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
    }
}
