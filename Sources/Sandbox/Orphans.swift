import Dispatch
import Foundation
import Glibc

/// PID 1 inherits every orphan of the sandbox; when one ends, somebody must take its status or it stays a zombie.
///
/// It takes no other's: whoever started a child of this process waits for it, and may do so late. The kernel keeps
/// the children of each thread apart and gives orphans to the first thread (`find_new_reaper` in its `exit.c`), while
/// Subprocess starts own children on a thread that it has for that. So what the first thread's list shows is an orphan.
/// A QEMU is one: libvirt starts it, leaves it to PID 1, and when it ends a machine looks every 200 ms whether it is gone.
package final class Orphans {
    private let signals: any DispatchSourceSignal

    /// Works until it is released.
    package init() throws(SandboxError) {
        guard Self.inherited() != nil else {
            throw .unsupported("this kernel does not list the children of a thread (CONFIG_PROC_CHILDREN)")
        }
        signals = DispatchSource.makeSignalSource(
            signal: SIGCHLD,
            queue: DispatchQueue(label: "vlab.orphans")
        )
        signals.setEventHandler { Self.look() }
        // What ended before anybody looked.
        signals.setRegistrationHandler { Self.look() }
        signals.resume()
    }

    deinit { signals.cancel() }

    /// Takes the status of every orphan that has ended; those that run are let be.
    private static func look() {
        // Again after one was taken: a list that grows shorter while it is read may lack some.
        while let pids = inherited(), pids.filter({ waitpid($0, nil, WNOHANG) > 0 }).count > 0 {}
    }

    /// The first thread's children (proc_pid_children(5)); nil when the kernel does not tell.
    static func inherited() -> [pid_t]? {
        // Nil: there is no such file.
        let text = try? String(contentsOfFile: "/proc/self/task/\(getpid())/children", encoding: .utf8)
        return text?.split(separator: " ").compactMap { pid_t($0) }
    }
}
