import Dispatch
import Foundation
import LabModel
import Synchronization

/// The lab's events: a file of JSON lines, and a stream for each who listens.
package final class EventLog: Sendable {
    private let file: FileHandle?
    /// A disk that is slow holds up this queue alone: events come from the event loops of BMCs and gateway, too.
    private let writer = DispatchQueue(label: "vlab.events")
    /// Lines that the writer has not taken yet: it takes all of them at once.
    private let unwritten = Mutex<[UInt8]>([])
    private let listeners = Mutex<[AsyncStream<LabEvent>.Continuation]>([])

    /// Appends to the file; an event that cannot be written is still heard by the listeners.
    package init(appendingTo path: String?) throws {
        guard let path else {
            file = nil
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
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seekToEnd()
        file = handle
    }

    package func emit(_ event: LabEvent) {
        listeners.withLock { listeners in
            if let file {
                let isFirst = unwritten.withLock { lines in
                    defer { lines += event.json + [0x0A] }
                    return lines.isEmpty
                }
                if isFirst { writer.async { self.write(to: file) } }
            }
            // One that left is noticed here and not told by a termination handler: that would run in the midst of a
            // task's cancellation and wait for this lock, while whoever holds it waits to wake that very task.
            listeners.removeAll { listener in
                if case .terminated = listener.yield(event) { true } else { false }
            }
        }
    }

    private func write(to file: FileHandle) {
        let lines = unwritten.withLock { lines in
            defer { lines = [] }
            return lines
        }
        // A full disk must not end the lab.
        try? file.write(contentsOf: lines)
    }

    /// Everything from now on.
    package func listen() -> AsyncStream<LabEvent> {
        let (stream, continuation) = AsyncStream<LabEvent>.makeStream()
        listeners.withLock { $0.append(continuation) }
        return stream
    }

    /// Returns when all events so far are in the file.
    package func flush() { writer.sync {} }

    /// Day and time to the millisecond.
    private static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    package static func decode(_ line: Data) throws -> LabEvent {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let text = try decoder.singleValueContainer().decode(String.self)
            return try Date(text, strategy: timeFormat)
        }
        return try decoder.decode(LabEvent.self, from: line)
    }
}
