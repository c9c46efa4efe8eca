import Dispatch
import Foundation
import Glibc
import Synchronization

/// PID 1 inherits every orphan of the sandbox; when one ends, somebody must take its status or it stays a zombie.
///
/// Own children are taken within milliseconds by whoever waits for them, so what is still a zombie after fifteen
/// seconds is an orphan. A QEMU is one at once: libvirt starts it, leaves it to PID 1, and when it ends a machine
/// looks every 200 ms whether it is gone.
package final class Orphans: Sendable {
    private static let patience = DispatchTimeInterval.seconds(15)
    private let source: Mutex<(any DispatchSourceSignal)?> = Mutex(nil)
    private let isWaiting = Mutex(false)

    /// Works from now until the process ends.
    package init() {
        source.withLock { slot in
            let signals = DispatchSource.makeSignalSource(
                signal: SIGCHLD,
                queue: DispatchQueue(label: "vlab.orphans")
            )
            signals.setEventHandler { [self] in look() }
            signals.resume()
            slot = signals
        }
    }

    private func look() {
        for pid in Self.zombies(named: "qemu-system") { waitpid(pid, nil, WNOHANG) }
        let first = isWaiting.withLock { waiting in
            defer { waiting = true }
            return !waiting
        }
        guard first else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { [self] in
            let seen = Self.zombies()
            DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { [self] in
                for pid in seen.intersection(Self.zombies()) { waitpid(pid, nil, WNOHANG) }
                isWaiting.withLock { $0 = false }
                if !Self.zombies().isEmpty { look() }
            }
        }
    }

    /// The children of this process that have ended and were not waited for.
    private static func zombies(named prefix: String = "") -> Set<pid_t> {
        // A process list that cannot be read has no zombies to take.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return Set(
            names.compactMap(pid_t.init).filter { pid in
                // Nil: gone meanwhile.
                guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                    let start = text.firstIndex(of: "("), let end = text.lastIndex(of: ")"),
                    text[start...].dropFirst().hasPrefix(prefix)
                else { return false }
                let fields = text[end...].dropFirst(2).split(separator: " ")
                return fields.count > 1 && fields[0] == "Z" && fields[1] == "\(getpid())"
            }
        )
    }
}
