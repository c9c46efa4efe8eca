// What the sensors read, and the events that come of it.
extension SensorDevice {
    /// What a sensor reads.
    enum Reading: Hashable {
        case unavailable
        case value(UInt8)
        case states(UInt16)
    }

    /// What the sensor would read now; `workload` must have had its look.
    func reading(of sensor: Sensor, isPowered: Bool, _ log: SystemEventLog) -> Reading {
        guard let scale = sensor.scale else {
            if case .states(let states) = sensor.forced { return .states(states & sensor.states) }
            if sensor.forced == .unavailable { return .unavailable }
            return .states(states(of: sensor, isPowered, log))
        }
        if case .value(let value) = sensor.forced { return .value(scale.reading(value)) }
        guard sensor.forced == nil, let value = value(of: sensor.source, isPowered) else {
            return .unavailable
        }
        return .value(scale.reading(value))
    }

    /// Nil where nothing can be measured while the machine is off.
    private func value(of source: Sensor.Source, _ isPowered: Bool) -> Double? {
        switch source {
        case .inlet: Workload.inlet
        case .board: workload.board(isPowered)
        case .power: workload.watts(isPowered)
        case .supplyInput: workload.watts(isPowered) / Double(Sensor.supplies)
        case .processor(let index): isPowered ? workload.processor(index) : nil
        case .fan(let index): isPowered ? workload.fan(index) : nil
        case .rail(let volts): isPowered ? volts * (1 - workload.sag) : nil
        case .powerUnit, .acpiState, .watchdog, .eventLog, .systemEvent, .boot, .supply, .link: nil
        }
    }

    private func states(of sensor: Sensor, _ isPowered: Bool, _ log: SystemEventLog) -> UInt16 {
        switch sensor.source {
        case .powerUnit: isPowered ? 0 : Sensor.State.unitIsOff
        case .acpiState: isPowered ? Sensor.State.working : Sensor.State.softOff
        case .eventLog: logStates(log)
        case .supply: Sensor.State.supplyPresent
        case .link(let nic): linkStates(nic)
        case .watchdog, .boot, .systemEvent: sensor.asserted
        case .inlet, .board, .power, .processor, .fan, .supplyInput, .rail: 0
        }
    }

    func logStates(_ log: SystemEventLog) -> UInt16 {
        (log.isFull ? Sensor.State.logFull : 0) | (log.isAlmostFull ? Sensor.State.logAlmostFull : 0)
    }

    func linkStates(_ nic: Int) -> UInt16 {
        1 << UInt16(linksDown >> UInt32(nic) & 1 == 0 ? Sensor.State.heartbeat : Sensor.State.noHeartbeat)
    }

    // MARK: Evaluation

    /// Looks at every sensor, so that the log has whatever is to be said.
    mutating func evaluate(at now: Duration, _ machine: MachineState, _ log: inout SystemEventLog) {
        workload.look(at: now, machine)
        for index in sensors.indices { evaluate(index, at: now, machine, &log) }
    }

    /// Looks at one sensor; `workload` must have had its look.
    @discardableResult
    mutating func evaluate(
        _ index: Int,
        at now: Duration,
        _ machine: MachineState,
        _ log: inout SystemEventLog
    ) -> Reading {
        let reading = reading(of: sensors[index], isPowered: machine.isPowered, log)
        guard sensors[index].isScanning else { return .unavailable }
        if !knowsPower, sensors[index].number == Sensor.powerUnitNumber, case .states(let states) = reading {
            // What it is when first looked at has not just happened.
            (sensors[index].asserted, knowsPower) = (states, true)
        }
        settle(index, reading, now, &log)
        return reading
    }

    /// Tells what has changed since this was called last.
    mutating func settle(_ index: Int, _ reading: Reading, _ now: Duration, _ log: inout SystemEventLog) {
        let sensor = sensors[index]
        switch reading {
        case .states(let states):
            sensors[index].asserted = states
            for offset in UInt8(0)..<15 where (states ^ sensor.asserted) >> UInt16(offset) & 1 != 0 {
                let isAssertion = states >> UInt16(offset) & 1 != 0
                tell(sensor, offset, isAssertion, [offset, 0xFF, 0xFF], now, &log)
            }
        case .value(let value):
            let before = UInt8(truncatingIfNeeded: sensor.asserted)
            let after = sensor.thresholds.crossed(value, since: before, hysteresis: sensor.hysteresis)
            sensors[index].asserted = UInt16(after)
            tell(sensor, before, after, value, now, &log)
        case .unavailable:
            guard sensor.scale != nil else { return }
            sensors[index].asserted = 0
            tell(sensor, UInt8(truncatingIfNeeded: sensor.asserted), 0, nil, now, &log)
        }
    }

    /// Tells of the limits that were crossed; on the way to the worse the mildest first, on the way back the gravest.
    private func tell(
        _ sensor: Sensor,
        _ before: UInt8,
        _ after: UInt8,
        _ value: UInt8?,
        _ now: Duration,
        _ log: inout SystemEventLog
    ) {
        let changed = before ^ after
        guard changed != 0 else { return }
        let worse = Threshold.allCases.filter { changed & after & $0.bit != 0 }
        let better = Threshold.allCases.reversed().filter { changed & before & $0.bit != 0 }
        for limit in better + worse {
            let hasReadingAndLimit: UInt8 = 0x50
            let data: [UInt8] =
                if let value, let bound = sensor.thresholds[limit] {
                    [hasReadingAndLimit | limit.offset, value, bound]
                } else {
                    [limit.offset, SensorEvent.unspecified, SensorEvent.unspecified]
                }
            tell(sensor, limit.offset, after & limit.bit != 0, data, now, &log)
        }
    }

    private func tell(
        _ sensor: Sensor,
        _ offset: UInt8,
        _ isAssertion: Bool,
        _ data: [UInt8],
        _ now: Duration,
        _ log: inout SystemEventLog
    ) {
        let enabled = isAssertion ? sensor.assertionEvents : sensor.deassertionEvents
        guard isReceiving, sensor.sendsEvents, enabled >> UInt16(offset) & 1 != 0 else { return }
        log.note(
            SensorEvent(
                sensorType: sensor.type,
                sensor: sensor.number,
                eventType: sensor.eventType,
                isAssertion: isAssertion,
                data: data
            ),
            at: now
        )
    }

    // MARK: Commands

    /// Get Sensor Reading (IPMI 2.0 §35.14).
    mutating func reading(
        _ data: [UInt8],
        _ context: Context,
        _ log: inout SystemEventLog
    )
        throws(CompletionFailure) -> [UInt8]
    {
        guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
        let index = try index(data[0])
        workload.look(at: context.now, context.machine)
        let reading = evaluate(index, at: context.now, context.machine, &log)
        let sensor = sensors[index]
        switch reading {
        case .unavailable:
            return [0x00, sensor.flags(isAvailable: false)] + (sensor.scale == nil ? [0x00, 0x80] : [0xC0])
        case .value(let value):
            return [value, sensor.flags(isAvailable: true), 0xC0 | sensor.thresholds.comparison(value)]
        case .states(let states):
            return [0x00, sensor.flags(isAvailable: true)] + (states | 0x8000).littleEndianBytes
        }
    }

    /// Get Sensor Event Status (IPMI 2.0 §35.13).
    mutating func eventStatus(
        _ data: [UInt8],
        _ context: Context,
        _ log: inout SystemEventLog
    ) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
        let index = try index(data[0])
        workload.look(at: context.now, context.machine)
        let isAvailable = evaluate(index, at: context.now, context.machine, &log) != .unavailable
        let sensor = sensors[index]
        return [sensor.flags(isAvailable: isAvailable)] + sensor.assertedEvents.littleEndianBytes + [
            0x00, 0x00,
        ]
    }
}

extension Sensor {
    /// Whether it tells of events, scans, and has no reading (IPMI 2.0 §35.14).
    func flags(isAvailable: Bool) -> UInt8 {
        (sendsEvents ? 0x80 : 0x00) | (isScanning ? 0x40 : 0x00) | (isAvailable ? 0x00 : 0x20)
    }

    /// What is asserted, by the offsets of the events.
    var assertedEvents: UInt16 {
        guard scale != nil else { return asserted }
        return Threshold.allCases.reduce(0) { events, limit in
            asserted & UInt16(limit.bit) == 0 ? events : events | 1 << UInt16(limit.offset)
        }
    }
}
