import Foundation
import Glibc
import Synchronization
import SystemPackage

/// The append-only file from which a deployment goes on after its engine was killed: JSON lines, each on the disk before
/// the engine goes on.
///
/// A last line that was torn by a crash never happened.
package final class Journal: Sendable {
    private struct State {
        var file: FileHandle
        var progress: DeployProgress
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Date

    package var progress: DeployProgress { state.withLock(\.progress) }

    /// Opens the journal of a work folder, which one engine at a time may hold.
    package init(at path: String, now: @escaping @Sendable () -> Date = { Date() }) throws {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(
                FilePath(path),
                .readWrite,
                options: [.create, .append, .closeOnExec],
                permissions: .ownerReadWrite
            )
        } catch {
            throw DeployError("\(path): cannot open: \(error)", kind: .usage)
        }
        let file = FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: true)
        guard Self.lock(descriptor.rawValue) else {
            throw DeployError(
                "\(path): another vdeploy works with this folder",
                kind: .usage,
                hint: "wait for its end or choose another --work"
            )
        }
        let data = try file.readToEnd() ?? Data()
        let (entries, length) = try Self.parse(data, file: path)
        if length < data.count { try file.truncate(atOffset: UInt64(length)) }
        state = Mutex(State(file: file, progress: DeployProgress(entries)))
        self.now = now
    }

    /// Tries for a moment: a child of the vdeploy that was killed has the journal too until it has become its program.
    private static func lock(_ descriptor: Int32) -> Bool {
        for _ in 0..<20 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            usleep(50_000)
        }
        return false
    }

    /// How far the deployment of a work folder is, without holding it.
    package static func progress(at path: String) throws -> DeployProgress {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw DeployError(
                "\(path): no deployment here",
                kind: .usage,
                hint: "begin one with vdeploy deploy"
            )
        }
        return DeployProgress(try parse(data, file: path).entries)
    }

    /// Adds one entry; returns when it is on the disk.
    package func append(
        _ event: JournalEntry.Event,
        stage: Stage? = nil,
        node: String? = nil,
        step: String? = nil,
        detail: String? = nil,
        attempt: Int? = nil,
        ntp: Bool? = nil,
        request: DeployRequest? = nil
    ) throws {
        let entry = JournalEntry(
            event,
            at: now(),
            stage: stage,
            node: node,
            step: step,
            detail: detail,
            attempt: attempt,
            ntp: ntp,
            request: request
        )
        try state.withLock { state in
            try state.file.write(contentsOf: try Self.encoder.encode(entry) + [UInt8(ascii: "\n")])
            try state.file.synchronize()
            state.progress.note(entry)
        }
    }

    package func finish(_ stage: Stage, _ step: String, on node: String) throws {
        try append(.stepFinished, stage: stage, node: node, step: step)
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }

    /// The entries, and how much of the file they are.
    static func parse(_ data: Data, file: String) throws -> (entries: [JournalEntry], length: Int) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return ([], 0) }
        let lines = data[...end].split(separator: UInt8(ascii: "\n"))
        let entries = try lines.enumerated().map { number, line in
            do {
                return try decoder.decode(JournalEntry.self, from: Data(line))
            } catch {
                throw DeployError(
                    "\(file):\(number + 1): not an entry of a journal: \(error)",
                    kind: .badInput,
                    hint: "begin anew in another --work"
                )
            }
        }
        return (entries, data.distance(from: data.startIndex, to: end) + 1)
    }
}
