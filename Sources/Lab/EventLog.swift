import Dispatch
import Foundation
import LabModel
import Synchronization

/// The lab's events: a file of JSON lines for who reads at a pace of his own, and a stream for each who listens.
package final class EventLog: Sendable {
    private struct State {
        /// Those that the writer has not taken yet: it takes all of them at once.
        var unwritten: [LabEvent] = []
        var written = ContinuousClock.now - EventLog.pause
        /// Bytes of the file: whole lines.
        var size = 0
        /// Those that the disk had no room for.
        var lost = 0
        var listeners: [AsyncStream<LabEvent>.Continuation] = []
        /// Who reads the file is woken when there is more of it.
        var readers: [AsyncStream<Void>.Continuation] = []
    }

    /// One event by itself is written at once; of many, all that come within this time are written together.
    private static let pause = Duration.milliseconds(20)

    private let path: String?
    private let file: FileHandle?
    /// A disk that is slow holds up this queue alone: events come from the event loops of BMCs and gateway, too.
    private let writer = DispatchQueue(label: "vlab.events")
    private let state = Mutex(State())

    /// Appends to the file; an event that cannot be written is still heard by the listeners.
    package init(appendingTo path: String?) throws {
        self.path = path
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
        let size = Int(try handle.seekToEnd())
        file = handle
        state.withLock { $0.size = size }
    }

    package func emit(_ event: LabEvent) {
        state.withLock { state in
            if file != nil {
                state.unwritten.append(event)
                if state.unwritten.count == 1 { scheduleWriting(after: state.written) }
            }
            // One that left is noticed here and not told by a termination handler: that would run in the midst of a
            // task's cancellation and wait for this lock, while whoever holds it waits to wake that very task.
            state.listeners.removeAll { listener in
                if case .terminated = listener.yield(event) { true } else { false }
            }
        }
    }

    private func scheduleWriting(after last: ContinuousClock.Instant) {
        let rest = Self.pause - (ContinuousClock.now - last)
        if rest > .zero {
            writer.asyncAfter(deadline: .now() + rest.inSeconds) { self.write() }
        } else {
            writer.async { self.write() }
        }
    }

    /// On the writer's queue.
    private func write() {
        let (events, size, lost) = state.withLock { state in
            defer { (state.unwritten, state.written) = ([], .now) }
            return (state.unwritten, state.size, state.lost)
        }
        guard let file, !events.isEmpty else { return }
        var lines: [UInt8] = []
        let gap = lost > 0 ? [LabEvent("events.lost", ["count": "\(lost)", "why": "the disk was full"])] : []
        for event in gap + events {
            event.write(to: &lines)
            lines.append(0x0A)
        }
        do {
            try file.write(contentsOf: lines)
        } catch {
            // A full disk must not end the lab. What there is of a line would spoil the next one; one that cannot be
            // shortened either is for whoever reads it.
            try? file.truncate(atOffset: UInt64(size))
            return state.withLock { $0.lost += events.count }
        }
        state.withLock { state in
            (state.size, state.lost) = (size + lines.count, 0)
            // As with those who listen.
            state.readers.removeAll { reader in
                if case .terminated = reader.yield() { true } else { false }
            }
        }
    }

    /// The file's lines from a place in it on, else from now on.
    ///
    /// Nothing is kept for who is slow, and he misses nothing: he finds it in the file.
    package func lines(from place: Int? = nil) throws -> EventLines {
        let (news, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        wake.yield()
        let size = state.withLock { state in
            state.readers.append(wake)
            return state.size
        }
        return try EventLines(of: path, from: min(max(place ?? size, 0), size), news) {
            self.state.withLock { $0.size }
        }
    }

    /// Everything from now on, for those in the lab itself, who keep up.
    package func listen() -> AsyncStream<LabEvent> {
        let (stream, continuation) = AsyncStream<LabEvent>.makeStream()
        state.withLock { $0.listeners.append(continuation) }
        return stream
    }

    /// Returns when all events so far are in the file.
    package func flush() { writer.sync { write() } }

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
