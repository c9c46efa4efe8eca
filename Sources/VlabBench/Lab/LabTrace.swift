import Foundation

/// What belongs to a lab in the eyes of the kernel: its processes, its namespaces, its mounts.
///
/// A process is the lab's if it carries the bench's own state folder in its environment or its command line, or
/// lives in a namespace of the lab. The bench's own processes carry neither.
struct LabTrace: Sendable {
    static let kinds = ["net", "mnt", "pid", "ipc", "uts", "user"]

    let state: String
    /// By kind and inode, such as `net:[4026532281]`.
    private(set) var namespaces: Set<String> = []
    private let own = Set(LabTrace.kinds.compactMap { ProcFile.link("/proc/self/ns/\($0)") })
    private let interfacesBefore = LabTrace.interfaces

    init(state: String) { self.state = state }

    private static var interfaces: Set<String> {
        // Without the list no new interface is found; /sys is there on every Linux.
        Set((try? FileManager.default.contentsOfDirectory(atPath: "/sys/class/net")) ?? [])
    }

    /// The lab's processes now, by what they are.
    var processes: [LabProcess] {
        ProcFile.processes.compactMap { pid in
            let command = ProcFile.text("/proc/\(pid)/cmdline").split(separator: "\0").map(String.init)
            let isMarked =
                command.contains { $0.contains(state) }
                || ProcFile.text("/proc/\(pid)/environ").contains(state)
            let spaces = Set(Self.kinds.compactMap { ProcFile.link("/proc/\(pid)/ns/\($0)") })
            guard isMarked || !spaces.isDisjoint(with: namespaces) else { return nil }
            return LabProcess(pid: pid, command: command, namespaces: spaces.subtracting(own))
        }
    }

    /// Learns the namespaces that the lab has now, so that they are known when they should be gone.
    mutating func learn() { for process in processes { namespaces.formUnion(process.namespaces) } }

    /// What of the lab is still there; empty when all is gone.
    var leftovers: [String] {
        let alive = processes
        var found = alive.map { "process \($0.pid) \($0.command.prefix(3).joined(separator: " "))" }
        found += Set(alive.flatMap(\.namespaces)).intersection(namespaces).sorted()
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

    var pid: pid_t
    var command: [String]
    var namespaces: Set<String>

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

    /// Clock ticks of processor time since it began (proc(5): utime and stime).
    var ticks: Int {
        let text = ProcFile.text("/proc/\(pid)/stat")
        guard let end = text.lastIndex(of: ")") else { return 0 }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 13 else { return 0 }
        return (Int(fields[12]) ?? 0) + (Int(fields[13]) ?? 0)
    }
}
