// What events make the BMC do (IPMI 2.0 §17).
extension BMC {
    /// When the event filter looks at what has come in; nil when nothing has, or while the machine is busy.
    var filterTime: Duration? {
        guard !storage.log.unfiltered.isEmpty, owed == nil, !isBusy(with: .control(.hardReset)) else {
            return nil
        }
        return sensors.filter.time
    }

    /// Looks at the events that have come in; what the filters say is owed from then on.
    mutating func filterEvents(at now: Duration) {
        guard let time = filterTime, time <= now else { return }
        var actions: UInt8 = 0
        for waiting in storage.log.takeUnfiltered() where sensors.filter.isEnabled {
            actions |= sensors.filter.actions(on: waiting.event, generator: waiting.generator)
            if let id = waiting.id { sensors.filter.processed(id) }
        }
        guard let (bit, control) = EventFilter.first(of: actions), sensors.isMachineOn else { return }
        if sensors.filter.tellsActions {
            storage.log.noteAction(
                SensorEvent(
                    sensorType: Sensor.systemEventType,
                    sensor: Sensor.systemEventNumber,
                    eventType: SensorEvent.specific,
                    data: [0xC0 | Sensor.State.filterActs, bit, SensorEvent.unspecified]
                ),
                at: now
            )
        }
        let cause: RestartCause = control == .powerCycle ? .platformEventCycle : .platformEventReset
        owed = Owed(control: control, time: now, cause: cause)
    }
}
