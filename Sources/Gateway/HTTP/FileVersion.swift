import Glibc

/// What tells one version of a file from another, as stat(2) has it.
struct FileVersion: Hashable, Sendable {
    let size: Int
    /// Of the content, in Unix time.
    let modified: Int
    private let nanoseconds: Int
    private let device: UInt
    private let number: UInt
    /// Of anything of it, in nanoseconds of Unix time.
    private let changed: Int

    init(_ status: stat) {
        size = Int(status.st_size)
        (modified, nanoseconds) = (Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec))
        (device, number) = (UInt(status.st_dev), UInt(status.st_ino))
        changed = Int(status.st_ctim.tv_sec) * 1_000_000_000 + Int(status.st_ctim.tv_nsec)
    }

    /// Of the file that a path leads to now; nil when there is none.
    init?(at path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Differs whenever the content may differ: also for two builds of one size at one second.
    var entityTag: String {
        let parts = [Int(number), size, modified, nanoseconds]
        return "\"" + parts.map { String($0, radix: 16) }.joined(separator: "-") + "\""
    }

    /// Whether another change would show: a file system's clock ticks some hundred times a second.
    var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now.tv_sec * 1_000_000_000 + now.tv_nsec - changed > 100_000_000
    }
}
