import Lab
import LabModel
import Libvirt
import Sandbox
import Synchronization

/// Keeps the lab's libvirt running: when it ends, another one takes over its machines, which run on meanwhile.
final class LibvirtKeeper: Sendable {
    private let daemon: LibvirtDaemon
    private let host: LibvirtHost
    private let tell = Mutex<@Sendable (LabStatus.Part) -> Void>({ _ in })

    init(daemon: LibvirtDaemon, host: LibvirtHost) { (self.daemon, self.host) = (daemon, host) }

    func report(_ tell: @escaping @Sendable (LabStatus.Part) -> Void) {
        self.tell.withLock { $0 = tell }
        tell(LabStatus.Part(name: "libvirt", isAlive: true, detail: daemon.uri))
    }

    /// Until cancelled.
    ///
    /// When five have ended in a row of which none lived for ten seconds, something is wrong for good.
    func run() async throws {
        var (isFirst, failures) = (true, 0)
        while !Task.isCancelled {
            let start = ContinuousClock.now
            let words = try await withThrowingTaskGroup(of: String?.self) { group in
                group.addTask { [daemon] in try await daemon.run() }
                if !isFirst {
                    group.addTask { [self] in
                        do {
                            try await host.connect(within: .seconds(60))
                            say(isAlive: true, "restarted")
                        } catch  where Task.isCancelled {
                            // This daemon ended too before it answered; the next one is asked anew.
                        }
                        return nil
                    }
                }
                var words = ""
                for try await ended in group {
                    guard let ended else { continue }
                    words = ended
                    group.cancelAll()
                }
                return words
            }
            guard !Task.isCancelled else { return }
            say(isAlive: false, words)
            isFirst = false
            failures = .now - start < .seconds(10) ? failures + 1 : 0
            guard failures < 5 else { throw LabError("libvirt", "it keeps ending: \(words)") }
        }
    }

    private func say(isAlive: Bool, _ detail: String) {
        tell.withLock { $0 }(LabStatus.Part(name: "libvirt", isAlive: isAlive, detail: detail))
    }
}
