import Foundation
import Glibc

/// What belongs to a lab in the eyes of the kernel: its processes, its namespaces, its mounts.
///
/// A process is the lab's if it carries the bench's own state folder in its environment or its command line, as its
/// children do, or was seen in a namespace of the lab. That a namespace has the number of one of the lab's proves
/// nothing: the kernel gives the numbers of those that are gone to new ones.
struct LabTrace: Sendable {
    static let kinds = ["net", "mnt", "pid", "ipc", "uts", "user"]

    let state: String
    /// By kind and inode, such as `net:[4026532281]`.
    private var namespaces: Set<String> = []
    private var known: Set<LabProcess.Identity> = []
    private let own = Set(LabTrace.kinds.compactMap { ProcFile.link("/proc/self/ns/\($0)") })
    private let interfacesBefore = LabTrace.interfaces

    init(state: String) { self.state = state }

    private static var interfaces: Set<String> {
        // Without the list no new interface is found; /sys is there on every Linux.
        Set((try? FileManager.default.contentsOfDirectory(atPath: "/sys/class/net")) ?? [])
    }

    /// The lab's processes now, by what they are.
    var processes: [LabProcess] { processes { _ in false } }

    private func processes(alsoIf isInside: (Set<String>) -> Bool) -> [LabProcess] {
        ProcFile.processes.compactMap { pid in
            let command = ProcFile.text("/proc/\(pid)/cmdline").split(separator: "\0").map(String.init)
            let isMarked =
                command.contains { $0.contains(state) }
                || ProcFile.text("/proc/\(pid)/environ").contains(state)
            let all = Self.kinds.compactMap { ProcFile.link("/proc/\(pid)/ns/\($0)") }
            let process = LabProcess(pid: pid, command: command, namespaces: Set(all).subtracting(own))
            let isOurs =
                isMarked || known.contains(process.identity) || isInside(process.namespaces)
            return isOurs ? process : nil
        }
    }

    /// Learns what the lab has now, to be called while it is up, so that it is known when it should be gone.
    mutating func learn() {
        namespaces = Set(processes.flatMap(\.namespaces))
        known = Set(processes { !$0.isDisjoint(with: namespaces) }.map(\.identity))
    }

    /// What of the lab is still there; empty when all is gone.
    var leftovers: [String] {
        let alive = processes
        var found = alive.map { "process \($0.pid) \($0.command.prefix(3).joined(separator: " "))" }
        found += Set(alive.flatMap(\.namespaces)).sorted()
        for line in ProcFile.text("/proc/self/mountinfo").split(separator: "\n")
        where line.contains(state) || namespaces.contains(where: { line.contains($0) }) {
            found.append("mount \(line)")
        }
        return found + Self.interfaces.subtracting(interfacesBefore).map { "interface \($0)" }
    }

    /// What is left when the kernel had a moment to end what it was told to end, and how long that took.
    ///
    /// The time is that of the last look that found something; zero when already the first one found nothing.
    func settle(within limit: Duration = .seconds(3)) async throws -> (left: [String], after: Duration) {
        let start = ContinuousClock.now
        var seen = Duration.zero
        while true {
            let left = leftovers
            if left.isEmpty || seen > limit { return (left, seen) }
            seen = ContinuousClock.now - start
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// One process of a lab, as seen from outside.
struct LabProcess: Sendable {
    enum Part: String, Sendable { case supervisor, libvirt, qemu, engine, vlab, other }

    /// A process id may come again; together with the moment of its start it is one process.
    struct Identity: Hashable, Sendable {
        var pid: pid_t
        var start: String
    }

    var pid: pid_t
    var command: [String]
    var namespaces: Set<String>

    var identity: Identity { Identity(pid: pid, start: fields.count > 20 ? fields[20] : "") }

    var part: Part {
        let name = command.first.map { $0.split(separator: "/").last.map(String.init) ?? $0 } ?? ""
        switch name {
        case "vlab": return command.contains("supervise") ? .supervisor : .vlab
        case "libvirtd", "virtqemud": return .libvirt
        case "vdeploy", "dnsmasq", "ipmitool": return .engine
        case let name where name.hasPrefix("qemu-system"): return .qemu
        default: return .other
        }
    }

    /// Proportional set size in bytes: what is shared counts in parts; nil when the process is gone.
    var proportionalSize: UInt64? {
        for line in ProcFile.text("/proc/\(pid)/smaps_rollup").split(separator: "\n")
        where line.hasPrefix("Pss:") {
            return line.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }.map { $0 << 10 }
        }
        return nil
    }

    /// Nanoseconds of processor time of all its threads, also of those that have ended; 0 when the process is gone.
    var processorTime: UInt64 {
        var (clock, time) = (clockid_t(), timespec())
        guard unsafe clock_getcpuclockid(pid, &clock) == 0, unsafe clock_gettime(clock, &time) == 0 else {
            return 0
        }
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// What stands behind the name in /proc/PID/stat: the state, then numbers (proc(5)).
    private var fields: [String] {
        let text = ProcFile.text("/proc/\(pid)/stat")
        guard let end = text.lastIndex(of: ")") else { return [] }
        return text[end...].dropFirst().split(separator: " ").map(String.init)
    }
}
