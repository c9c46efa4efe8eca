/// How the BMC itself restarts (IPMI 2.0 §20.2 and §20.3).
package enum Restart: Hashable, Sendable {
    /// All but what is kept for good is gone.
    case cold
    /// Sessions end; settings that do not outlast a loss of power are left alone.
    case warm
}

/// How long a BMC that restarts answers nothing.
package struct Downtime: Hashable, Sendable {
    /// A real one is away for a minute or two; clients notice a few seconds just as well.
    package var cold: Duration = .seconds(5)
    package var warm: Duration = .seconds(1)
    package init() {}

    subscript(_ restart: Restart) -> Duration {
        switch restart {
        case .cold: cold
        case .warm: warm
        }
    }
}

extension BMC {
    /// Whether it restarts at that time, and so answers nothing.
    package func isOffline(at now: Duration) -> Bool { offlineUntil.map { now < $0 } ?? false }

    /// Begins anew; the machine does not notice.
    package mutating func restart(_ kind: Restart, at now: Duration) -> [Action] {
        offlineUntil = now + downtime[kind]
        sessions.closeAll()
        payloads.restart()
        guard kind == .cold else { return [] }
        watchdog = Watchdog()
        owed = nil
        sensors.restart()
        storage.log.cancelReservation()
        transport.restart()
        return chassis.darken() ? [.identify(.off)] : []
    }
}
