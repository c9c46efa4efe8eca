import Foundation
import Glibc
import Lab
import LabModel
import SystemPackage

/// The log of a lab's supervisor, which tells whoever waits for the lab how far it is, and whether it still lives.
///
/// The log is locked through the very file description that the supervisor inherits, so the kernel lets go of the
/// lock when the last process of the lab is gone, however it ended. The uplink's helper has one like it.
struct SupervisorLog {
    /// The line that says that the lab answers.
    static let ready = "ready"
    private static let mark = "vlab: "
    private static let end = "vlab ends: "
    private static let patience = Duration.seconds(120)

    let path: String
    /// What is started, and what is told when it does not.
    private let subject: (name: String, failure: String, hint: String)
    /// Where this start's lines begin.
    private let start: Int64

    /// The lab itself.
    init(_ path: String) throws {
        try self.init(path, ("the lab", "could not be racked", "; vlab doctor checks the host"))
    }

    /// What helps the lab from outside.
    init(uplink path: String) throws { try self.init(path, ("the uplink", "could not be started", "")) }

    private init(_ path: String, _ subject: (name: String, failure: String, hint: String)) throws {
        (self.path, self.subject) = (path, subject)
        let file = try Self.open(path, .readOnly)
        start = try file.closeAfter { try file.seek(offset: 0, from: .end) }
    }

    private static func open(_ path: String, _ mode: FileDescriptor.AccessMode) throws -> FileDescriptor {
        unsafe try FileDescriptor.open(
            path,
            mode,
            options: [.create, .append],
            permissions: [.ownerReadWrite]
        )
    }

    /// The log as the supervisor inherits it.
    struct Locked {
        let log: SupervisorLog
        let file: FileDescriptor
    }

    /// Takes the log, and with it the lab.
    func lock() throws -> Locked {
        let file = try Self.open(path, .writeOnly)
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            try file.close()
            throw LabError(
                path,
                "another process is just making or ending this lab",
                hint: "try again when it is done"
            )
        }
        return Locked(log: self, file: file)
    }

    /// Passes the supervisor's progress on until it is ready; throws its last words when it ends before that.
    func waitUntilReady(_ progress: (String) -> Void) async throws {
        let deadline = ContinuousClock.now + Self.patience
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(start))
        var pending = Data()
        while ContinuousClock.now < deadline {
            let isAlive = try Self.isHeld(path)
            pending += try file.readToEnd() ?? Data()
            while let end = pending.firstIndex(of: 0x0A) {
                let line = String(decoding: pending[..<end], as: UTF8.self)
                pending = Data(pending[(end + 1)...])
                guard line.hasPrefix(Self.mark) else { continue }
                let text = String(line.dropFirst(Self.mark.count))
                if text == Self.ready { return }
                progress(text)
            }
            guard isAlive else {
                throw LabError(
                    subject.name,
                    "\(subject.failure): \(Self.lastWords(path))",
                    hint: "all it said is in \(path)\(subject.hint)"
                )
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw LabError(
            subject.name,
            "was not ready within \(Self.patience.brief)",
            hint: "all it said is in \(path)"
        )
    }

    /// Waits until the last process of a lab that was ended is gone too: the one that made the namespaces.
    static func waitUntilReleased(_ path: String) async throws {
        let deadline = ContinuousClock.now + .seconds(5)
        while FileManager.default.fileExists(atPath: path), try isHeld(path), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Whether any process of the lab still has the log.
    static func isHeld(_ path: String) throws -> Bool {
        let probe = try open(path, .readOnly)
        return try probe.closeAfter { flock(probe.rawValue, LOCK_EX | LOCK_NB) != 0 }
    }

    /// A line for whoever waits for the lab.
    static func say(_ line: String) { FileHandle.standardError.write(Data((mark + line + "\n").utf8)) }

    /// Why the supervisor ends, in a line; libraries may still log behind it.
    static func sayLast(_ error: any Error) {
        let words = "\(error)".split(separator: "\n").joined(separator: " ")
        FileHandle.standardError.write(Data((end + words + "\n").utf8))
    }

    /// What a log's writer gave as the reason of its end, else its last line; a log that cannot be read has none.
    static func lastWords(_ path: String) -> String {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n")
        if let reason = lines.last(where: { $0.hasPrefix(end) }) {
            return String(reason.dropFirst(end.count))
        }
        return lines.last.map(String.init) ?? "it said nothing"
    }
}
