import Foundation
import LabModel
import Synchronization

/// The lab's events: a file of JSON lines, and a stream for each who listens.
package final class EventLog: Sendable {
    private struct State {
        var file: FileHandle?
        var listeners: [Int: AsyncStream<LabEvent>.Continuation] = [:]
        var next = 0
    }

    private let state: Mutex<State>

    /// Appends to the file; an event that cannot be written is still heard by the listeners.
    package init(appendingTo path: String?) throws {
        guard let path else {
            state = Mutex(State())
            return
        }
        if !FileManager.default.fileExists(atPath: path) {
            guard
                FileManager.default.createFile(
                    atPath: path,
                    contents: nil,
                    attributes: [.posixPermissions: 0o600]
                )
            else {
                throw LabError(
                    "events",
                    "cannot create \(path)",
                    hint: "is the disk full, or the folder another user's?"
                )
            }
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seekToEnd()
        state = Mutex(State(file: file))
    }

    package func emit(_ event: LabEvent) {
        // Nil: an event that is not JSON cannot occur, its fields being text.
        let line = try? Self.encode(event)
        state.withLock { state in
            // A full disk must not end the lab.
            if let line { try? state.file?.write(contentsOf: line + [0x0A]) }
            for listener in state.listeners.values { listener.yield(event) }
        }
    }

    /// Everything from now on.
    package func listen() -> AsyncStream<LabEvent> {
        let (stream, continuation) = AsyncStream<LabEvent>.makeStream()
        let id = state.withLock { state in
            state.listeners[state.next] = continuation
            state.next += 1
            return state.next - 1
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: id) }
        }
        return stream
    }

    /// Day and time to the millisecond.
    private static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    package static func encode(_ event: LabEvent) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(timeFormat))
        }
        return try encoder.encode(event)
    }

    package static func decode(_ line: Data) throws -> LabEvent {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let text = try decoder.singleValueContainer().decode(String.self)
            return try Date(text, strategy: timeFormat)
        }
        return try decoder.decode(LabEvent.self, from: line)
    }
}
