import Glibc
import LabModel

/// A run as it goes, a line for each thing that matters to whoever waits.
struct RunProgress: Sendable {
    let verbose: Bool

    private static let shown: Set<String> = [
        "engine.line", "engine.started", "engine.exited", "stage", "power.on", "power.off", "power.reset",
        "link.up",
        "link.down", "fault.armed", "fault.applied", "fault.healed", "fault.undone", "run.broken",
        "part.dead", "boot.failed", "events.missed",
    ]

    func show(_ event: LabEvent) {
        guard verbose || Self.shown.contains(event.event) && !isOneOfMany(event) else { return }
        print(EventLine(event).text)
        // Seen at once, also in a pipe or a file.
        fflush(nil)
    }

    /// A fault may bite hundreds of times: the first few are told, then every hundredth.
    private func isOneOfMany(_ event: LabEvent) -> Bool {
        guard event.event == "fault.applied", let count = event.details["count"].flatMap({ Int($0) }) else {
            return false
        }
        return count > 10 && count % 100 != 0
    }
}
