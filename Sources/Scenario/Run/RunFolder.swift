import Foundation
import LabModel
import Synchronization

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

/// The events and the engine's log of a run, written as they come.
final class RunLog: Sendable {
    private struct Files {
        var events: FileHandle
        var engine: FileHandle
    }

    private let files: Mutex<Files>

    init(_ folder: RunFolder) throws {
        func open(_ path: String) throws -> FileHandle {
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
            }
            return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        }
        files = Mutex(Files(events: try open(folder.events), engine: try open(folder.engineLog)))
    }

    func record(_ event: LabEvent) throws {
        let data = try JSONEncoder.lines.encode(event) + Data("\n".utf8)
        try files.withLock { files in
            try files.events.write(contentsOf: data)
            if event.event == "engine.line", let line = event.details["line"] {
                try files.engine.write(contentsOf: Data("\(line)\n".utf8))
            }
        }
    }
}
