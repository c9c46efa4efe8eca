import Foundation
import Glibc

/// A process of this machine, as /proc shows it.
package struct HostProcess: Sendable, Hashable {
    package let id: Int32
    package let command: [String]
    /// Its namespaces, as in `net:[4026531840]`; none when it is just ending.
    package let namespaces: Set<String>
    /// Its ids in each PID namespace that it is in, this one's first.
    package let ids: [Int32]

    /// Every process that there is; one that ends meanwhile may lack.
    package static func all() throws -> [HostProcess] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }
            .compactMap(HostProcess.init)
    }

    /// Nil when there is no such process any more.
    package init?(_ id: Int32) {
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") else { return nil }
        self.id = id
        command = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let kinds = ["net", "mnt", "pid", "ipc", "uts", "user"]
        // A process that is just ending has none.
        namespaces = Set(
            kinds.compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/ns/\($0)")
            }
        )
        // As above.
        let status = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
        ids =
            status.split(separator: "\n").first { $0.hasPrefix("NSpid:") }?
            .split(whereSeparator: \.isWhitespace).compactMap { Int32($0) } ?? []
    }

    /// What it was started with; empty when it is not ours to see.
    package var environment: [String] {
        let bytes = FileManager.default.contents(atPath: "/proc/\(id)/environ") ?? Data()
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The file name of its program.
    package var program: String { command.first.map { URL(fileURLWithPath: $0).lastPathComponent } ?? "" }

    /// Ends it at once, without a word, as `kill -9` does.
    package func kill() throws {
        guard Glibc.kill(id, SIGKILL) == 0 else {
            throw CocoaError(
                .featureUnsupported,
                userInfo: [NSLocalizedDescriptionKey: "kill \(id): errno \(errno)"]
            )
        }
    }
}
