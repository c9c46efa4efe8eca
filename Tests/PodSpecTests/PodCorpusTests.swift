import Foundation
import LabModel
import Testing

@testable import PodSpec

@Suite("Files of real pods", .enabled(if: PodCorpus.isThere, "\(PodCorpus.whyNot)"))
struct PodCorpusTests {
    @Test("say what they always said", arguments: PodCorpus.folders)
    func golden(place: String) throws {
        let report = PodReport(checking: PodCorpus.paths(in: place))
        var lines: [String] = []
        for entry in report.pods {
            lines.append("# " + entry.files.map(Self.short).joined(separator: " "))
            lines += entry.pod?.rendering ?? ["no pod"]
            lines.append("")
        }
        lines.append("# problems")
        lines += report.diagnostics.map { "\(Self.short("\($0)")) [\($0.rule ?? "no rule")]" }
        let name = "corpus-\(place.replacing("/", by: "-")).golden"
        try expectGolden(lines.joined(separator: "\n") + "\n", name)
    }

    private static func short(_ text: String) -> String { text.replacing(PodCorpus.folder + "/", by: "") }
}

/// A text that must be what a file of the fixtures says; `VLAB_UPDATE=1` rewrites the file.
private func expectGolden(
    _ text: String,
    _ name: String,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures/\(name)")
    if ProcessInfo.processInfo.environment["VLAB_UPDATE"] == "1" {
        try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(text == expected, "\(name) differs", sourceLocation: sourceLocation)
}
