/// The watchdog timer: when nobody resets it in time, the machine is (IPMI 2.0 §27).
struct Watchdog: Sendable {
    /// What comes to pass as it counts down.
    struct Event: Hashable, Sendable {
        /// What is done to the machine; nil for nothing.
        var control: ChassisControl?
        /// What the event log is told; nil for nothing.
        var note: PlatformEvent?
    }

    private var settings: Settings?
    /// When it expires; nil while it stands still.
    private var expiry: Duration?
    /// What is left while it stands still.
    private var remaining: Duration = .zero
    private var hasInterrupted = false
    /// Bit k: it has expired in timer use k.
    private var expirations: UInt8 = 0

    private static let interval: Duration = .milliseconds(100)

    /// What Set Watchdog Timer says (IPMI 2.0 §27.6).
    private struct Settings: Sendable {
        var use: UInt8
        var isLogged: Bool
        var interrupts: Bool
        var action: PlatformEvent.WatchdogEvent
        /// Seconds before the end.
        var interruptTime: UInt8
        var initial: UInt16

        private static let length = 6
        /// Pre-timeout interrupt: a non-maskable one (IPMI 2.0 §27.6).
        private static let nmi: UInt8 = 2

        init(decoding data: [UInt8]) throws(CompletionFailure) {
            guard data.count == Self.length else { throw CompletionFailure(.wrongLength) }
            use = data[0] & 0x07
            isLogged = data[0] & 0x80 == 0
            let interrupt = data[1] >> 4 & 0x07
            guard let action = PlatformEvent.WatchdogEvent(rawValue: data[1] & 0x07), action != .interrupt
            else {
                throw CompletionFailure(.invalidField)
            }
            self.action = action
            interruptTime = data[2]
            initial = UInt16(data[4]) | UInt16(data[5]) << 8
            // The machine knows no SMI and no message interrupt: a yes would be a lie.
            guard (1...5).contains(use), [0, Self.nmi].contains(interrupt) else {
                throw CompletionFailure(.invalidField)
            }
            interrupts = interrupt == Self.nmi
            guard Int(interruptTime) * 10 <= Int(initial) else { throw CompletionFailure(.invalidField) }
        }

        var duration: Duration { Watchdog.interval * Int(initial) }

        var control: ChassisControl? {
            switch action {
            case .hardReset: .hardReset
            case .powerDown: .powerDown
            case .powerCycle: .powerCycle
            case .expired, .interrupt: nil
            }
        }

        func note(_ event: PlatformEvent.WatchdogEvent) -> PlatformEvent? {
            isLogged ? .watchdog(event, use: use, interrupt: interrupts ? Self.nmi : 0) : nil
        }
    }

    mutating func execute(_ command: WatchdogCommand, _ data: [UInt8], _ context: Context) -> Outcome {
        .of { () throws(CompletionFailure) in
            switch command {
            case .set: try set(data, at: context.now)
            case .reset: try reset(data, context)
            case .get: try get(data, at: context.now)
            }
        }
    }

    private mutating func set(_ data: [UInt8], at now: Duration) throws(CompletionFailure) -> Outcome {
        let new = try Settings(decoding: data)
        settings = new
        expirations &= ~data[3]
        (remaining, hasInterrupted) = (new.duration, false)
        let keepsRunning = data[0] & 0x40 != 0
        expiry = keepsRunning && expiry != nil ? now + new.duration : nil
        return .done
    }

    private mutating func reset(_ data: [UInt8], _ context: Context) throws(CompletionFailure) -> Outcome {
        guard data.isEmpty else { throw CompletionFailure(.wrongLength) }
        guard let settings else { throw CompletionFailure(.watchdogNotInitialized) }
        guard context.machine.isPowered else { throw CompletionFailure(.notInPresentState) }
        (expiry, hasInterrupted) = (context.now + settings.duration, false)
        return .done
    }

    /// Get Watchdog Timer (IPMI 2.0 §27.7).
    private func get(_ data: [UInt8], at now: Duration) throws(CompletionFailure) -> Outcome {
        guard data.isEmpty else { throw CompletionFailure(.wrongLength) }
        let left = expiry.map { max(.zero, $0 - now) } ?? remaining
        var answer: [UInt8] = [
            (settings?.isLogged ?? true ? 0 : 0x80) | (expiry == nil ? 0 : 0x40) | (settings?.use ?? 0),
            (settings?.interrupts ?? false ? 0x20 : 0) | (settings?.action.rawValue ?? 0),
            settings?.interruptTime ?? 0,
            expirations,
        ]
        answer.append(littleEndian: settings?.initial ?? 0)
        answer.append(littleEndian: UInt16(clamping: Int((left / Self.interval).rounded(.up))))
        return .reply(.success, answer)
    }

    // MARK: What happens

    /// The machine is off or begins a boot: there is nothing to watch until somebody resets the timer.
    mutating func stop(at now: Duration) {
        guard let end = expiry else { return }
        (remaining, expiry) = (max(.zero, end - now), nil)
    }

    var deadline: Duration? {
        guard let settings, let expiry else { return nil }
        guard settings.interrupts, !hasInterrupted else { return expiry }
        return expiry - .seconds(Int(settings.interruptTime))
    }

    /// What has come to pass by then, in its order.
    mutating func advance(to now: Duration) -> [Event] {
        guard let settings else { return [] }
        var events: [Event] = []
        while let time = deadline, time <= now {
            if settings.interrupts, !hasInterrupted {
                hasInterrupted = true
                events.append(Event(control: .diagnosticInterrupt, note: settings.note(.interrupt)))
            } else {
                (expiry, remaining) = (nil, .zero)
                expirations |= 1 << settings.use
                events.append(Event(control: settings.control, note: settings.note(settings.action)))
            }
        }
        return events
    }
}
