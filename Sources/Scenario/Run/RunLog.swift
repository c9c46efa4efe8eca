import Foundation
import LabModel
import Synchronization

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
