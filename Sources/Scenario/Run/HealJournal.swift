import Foundation
import LabModel
import Synchronization

/// What must be undone, on disk before it is done, so that even after `kill -9` somebody can undo it.
///
/// One JSON object a line: a remedy is `open` before its change is made and `closed` after it was undone.
package final class HealJournal: Sendable {
    private struct Line: Codable {
        enum State: String, Codable { case open, closed }
        var state: State
        var fault: String?
        var remedy: Remedy
    }

    package let path: String
    private let file: Mutex<FileHandle>

    /// Goes on with the journal at that path, or begins it.
    package init(path: String) throws {
        self.path = path
        if !FileManager.default.fileExists(atPath: path) {
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw HealError(journal: path, problems: ["the file cannot be made"])
            }
        }
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try handle.seekToEnd()
        file = Mutex(handle)
    }

    /// Returns when the line is on disk: only now may the change be made.
    package func open(_ remedy: Remedy, fault: String? = nil) throws {
        try write(Line(state: .open, fault: fault, remedy: remedy))
    }

    package func close(_ remedy: Remedy) throws { try write(Line(state: .closed, remedy: remedy)) }

    private func write(_ line: Line) throws {
        let data = try JSONEncoder.lines.encode(line) + Data("\n".utf8)
        try file.withLock { handle in
            try handle.write(contentsOf: data)
            try handle.synchronize()
        }
    }

    /// What is still to undo, newest first.
    ///
    /// A line that was cut off belongs to a change that was never made.
    package static func pending(at path: String) -> [Remedy] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        var open: [Remedy] = []
        for text in data.split(separator: UInt8(ascii: "\n")) {
            // What is no line of a journal was cut off in the writing.
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(text)) else { continue }
            open.removeAll { $0 == line.remedy }
            if line.state == .open { open.append(line.remedy) }
        }
        return open.reversed()
    }

    /// The journals of runs under a folder that did not come to undo everything: their process was killed.
    package static func unfinished(under folder: String) -> [String] {
        // A folder that is not there holds no runs.
        let runs = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return runs.sorted().map { "\(folder)/\($0)/heal.jsonl" }.filter { !pending(at: $0).isEmpty }
    }

    /// Undoes all that is still to undo, as often as it is asked; goes on past failures and throws them at the end.
    @discardableResult
    package func healAll(on lab: some LabUnderTest) async throws -> [Remedy] {
        var healed: [Remedy] = []
        var problems: [String] = []
        for remedy in Self.pending(at: path) {
            do {
                try await lab.heal(remedy)
                try close(remedy)
                healed.append(remedy)
            } catch {
                problems.append("\(remedy): \(error)")
            }
        }
        guard problems.isEmpty else { throw HealError(journal: path, problems: problems) }
        return healed
    }
}

/// The lab could not undo what a run did to it.
package struct HealError: Error, CustomStringConvertible {
    package var journal: String
    package var problems: [String]
    package var description: String {
        "\(journal): cannot heal: \(problems.joined(separator: "; ")). Take the lab down and up again."
    }
}

extension JSONEncoder {
    /// One line, keys in order, times to the millisecond.
    static var lines: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        }
        return encoder
    }
}
