import Foundation
import Glibc

/// What a machine's QEMU has used of the processors: libvirt would say it too, but not at once.
enum ProcessorTime {
    /// Nil when the domain does not run.
    static func ofDomain(_ name: String, runFolder: String = "/run/libvirt/qemu") -> Duration? {
        // No file, no process: the machine is off, or goes off this moment.
        guard let text = try? String(contentsOfFile: "\(runFolder)/\(name).pid", encoding: .utf8),
            let pid = Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
        else { return nil }
        return ofProcess(pid)
    }

    /// User and system time of a process, all its threads' (proc_pid_stat(5), fields 14 and 15).
    static func ofProcess(_ pid: Int) -> Duration? {
        // A process that has just ended has no such file.
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return nil }
        // Its name, the second field, is in parentheses and may hold anything; after it comes the third.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[end...].split(separator: " ").dropFirst()
        let ticks = fields.dropFirst(11).prefix(2).compactMap { Int($0) }
        guard ticks.count == 2 else { return nil }
        return .nanoseconds((ticks[0] + ticks[1]) * (1_000_000_000 / sysconf(Int32(_SC_CLK_TCK))))
    }
}
