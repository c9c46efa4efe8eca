import Foundation
import Glibc

/// The guests' processors yield to the lab's own work: to libvirt, the BMCs, the gateway, and QEMUs that just start.
///
/// An emulated processor takes all the time it gets, also while its guest only waits in its firmware. Five of them on
/// two real processors made everything else in the lab wait for its turn.
enum GuestPriority {
    /// As nice(1) counts: a third of the time that others get which want it too.
    private static let niceness: CInt = 5

    /// Called for a machine that is started and still paused.
    ///
    /// What cannot be lowered stays as it is: it only takes more.
    static func lower(_ machine: String) {
        // libvirt writes the file before it reports the machine as started; no file, no threads: it has ended again.
        guard let text = try? String(contentsOfFile: "/run/libvirt/qemu/\(machine).pid", encoding: .utf8),
            let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)),
            let threads = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")
        else { return }
        // libvirt gives each QEMU a session, and where sessions are scheduled as groups (sched(7), autogroup), only the
        // group's niceness counts between them; a kernel without it has no such file.
        try? Data("\(niceness)".utf8).write(to: URL(fileURLWithPath: "/proc/\(pid)/autogroup"))
        for thread in threads.compactMap(id_t.init) {
            let name = FileManager.default.contents(atPath: "/proc/\(pid)/task/\(thread)/comm") ?? Data()
            guard name.starts(with: Data("CPU ".utf8)) else { continue }
            _ = setpriority(CInt(PRIO_PROCESS.rawValue), thread, niceness)
        }
    }
}
