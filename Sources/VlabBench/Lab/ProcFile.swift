import Foundation

/// Files under /proc, which may be gone at any moment.
enum ProcFile {
    /// Empty when the process is gone or is another user's.
    static func text(_ path: String) -> String {
        guard let data = FileManager.default.contents(atPath: path) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    static func link(_ path: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: path)  // nil: the process is gone
    }

    static var processes: [pid_t] {
        // A list that cannot be read is empty; then no measurement finds its lab.
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(pid_t.init)
    }
}
