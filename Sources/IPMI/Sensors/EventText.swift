/// An event in words, and how bad it is.
struct EventText: Hashable, Sendable {
    var text: String
    var severity: SensorReading.Health

    private init(_ text: String, _ severity: SensorReading.Health = .ok) {
        (self.text, self.severity) = (text, severity)
    }

    /// `sensor` is the one of this BMC that told it, if one did.
    init(_ event: SensorEvent, _ sensor: Sensor?) {
        switch event.eventType {
        case SensorEvent.threshold:
            guard let limit = Threshold(offset: event.offset) else {
                self.init("reading went back past a limit")
                return
            }
            var text = "\(limit.name) limit crossed"
            let hasReadingAndLimit: UInt8 = 0x50
            if event.data[0] & 0xF0 == hasReadingAndLimit, let scale = sensor?.scale {
                func value(_ raw: UInt8) -> String {
                    let hundredths = Int((scale.value(raw) * 100).rounded())
                    let rest = hundredths % 100
                    let decimals = rest == 0 ? "" : rest < 10 ? ".0\(rest)" : ".\(rest)"
                    return "\(hundredths / 100)\(decimals) \(scale.unit.symbol)"
                }
                text += ": \(value(event.data[1])) (limit \(value(event.data[2])))"
            }
            self.init(text, limit.isCritical ? .critical : .warning)
        case SensorEvent.specific:
            self.init(event.sensorType, event.offset)
            let restart = event.sensorType == 0x1D && event.offset == Sensor.State.systemRestart
            if restart, event.data[0] & 0xC0 == 0xC0, let cause = RestartCause(rawValue: event.data[1] & 0x0F)
            {
                text += ": \(cause.name)"
            }
        default:
            self.init(
                "event \(event.offset) of kind \(event.eventType.hexText), sensor type \(event.sensorType.hexText)"
            )
        }
    }

    /// What an offset means for a sensor's type (IPMI 2.0 §42.2, Table 42-3).
    init(_ type: UInt8, _ offset: UInt8) {
        self =
            switch (type, offset) {
            case (0x08, 0): Self("power supply present")
            case (0x08, 1): Self("power supply failed", .critical)
            case (0x08, 2): Self("power supply is about to fail", .warning)
            case (0x08, 3): Self("power supply has lost its input", .critical)
            case (0x09, 0): Self("power off")
            case (0x09, 1): Self("power cycle")
            case (0x09, 4): Self("no mains", .critical)
            case (0x09, 6): Self("power unit failed", .critical)
            case (0x10, 2): Self("event log cleared")
            case (0x10, 4): Self("event log full", .warning)
            case (0x10, 5): Self("event log almost full", .warning)
            case (0x12, 0): Self("system reconfigured")
            case (0x12, 2): Self("undetermined failure of the system", .critical)
            case (0x12, 4): Self("the event filter acts")
            case (0x12, 5): Self("clock set")
            case (0x1D, 7): Self("system restart")
            case (0x1D, _): Self("boot")
            case (0x22, 0): Self("working")
            case (0x22, 6): Self("soft off")
            case (0x23, 0): Self("watchdog expired", .warning)
            case (0x23, 1): Self("watchdog: reset", .critical)
            case (0x23, 2): Self("watchdog: power down", .critical)
            case (0x23, 3): Self("watchdog: power cycle", .critical)
            case (0x23, 8): Self("watchdog: interrupt", .warning)
            case (0x27, 0): Self("link down", .warning)
            case (0x27, 1): Self("link up")
            default: Self("state \(offset) of sensor type \(type.hexText)")
            }
    }
}

extension RestartCause {
    /// Such as `chassis control`.
    var name: String {
        switch self {
        case .unknown: "unknown cause"
        case .chassisControl: "chassis control"
        case .resetButton: "reset button"
        case .powerButton: "power button"
        case .watchdog: "watchdog"
        case .powerRestored: "power is back"
        case .powerRestoredAsBefore: "power is back, as it was before"
        case .platformEventReset: "reset by the event filter"
        case .platformEventCycle: "power cycle by the event filter"
        case .softReset: "the system's own reset"
        case .clock: "clock"
        }
    }
}
