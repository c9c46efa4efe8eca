import Foundation
import LabModel

/// Where a run leaves what it found: `events.jsonl`, `engine.log`, `heal.jsonl`, `verdict.json`, `junit.xml`; the lab
/// adds the consoles.
package struct RunFolder: Sendable {
    package let path: String

    /// Makes the folder unless it is there.
    package init(_ path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    package var journal: String { "\(path)/heal.jsonl" }
    package var events: String { "\(path)/events.jsonl" }
    package var engineLog: String { "\(path)/engine.log" }
    package var verdict: String { "\(path)/verdict.json" }
    package var junit: String { "\(path)/junit.xml" }

    package func write(_ verdict: Verdict) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        try encoder.encode(verdict).write(to: URL(fileURLWithPath: self.verdict), options: .atomic)
        try JUnitReport(verdict).text.write(toFile: junit, atomically: true, encoding: .utf8)
    }
}
