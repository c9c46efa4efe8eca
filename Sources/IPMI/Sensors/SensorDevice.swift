/// The sensors, and what happens when their values or states change (IPMI 2.0 §29, §33 and §35).
///
/// Nobody looks at them unless asked: a sensor is evaluated when it is read, when the event log is asked for, and
/// when something about it changed.
struct SensorDevice: Sendable {
    var sensors: [Sensor]
    var workload: Workload
    var filter = EventFilter()
    /// Whether events are told at all (IPMI 2.0 §29.1).
    var isReceiving = true
    /// The NICs that have no carrier, a bit for each.
    var linksDown: UInt32 = 0
    /// Of the sensors' records, by each of the two ways to them.
    var repositoryReservation = Reservation()
    var deviceReservation = Reservation()
    /// What the records call the machine.
    let product: String
    /// When the records were made, in seconds since 1970.
    let made: UInt32
    /// Whether what the machine was before the next change is known.
    var knowsPower = false

    init(_ inventory: Inventory) {
        workload = Workload(processors: inventory.processors, memory: inventory.memory)
        (product, made) = (inventory.product, inventory.epoch)
        sensors = Sensor.all(inventory, mostWatts: workload.mostWatts)
    }

    mutating func execute(
        _ command: SensorCommand,
        _ data: [UInt8],
        _ context: Context,
        _ log: inout SystemEventLog
    ) -> Outcome {
        .of { () throws(CompletionFailure) in
            switch command {
            case .setEventReceiver: try setReceiver(data)
            case .getEventReceiver: try Outcome.answer(data, [isReceiving ? Request.bmcAddress : 0xFF, 0x00])
            case .platformEvent: try platformEvent(data, context, &log)
            case .getPEFCapabilities: try Outcome.answer(data, EventFilter.capabilities)
            case .armPEFPostponeTimer: .reply(.success, try filter.postpone(data, context.now))
            case .setPEFConfiguration: try filter.set(data)
            case .getPEFConfiguration: .reply(.success, try filter.get(data))
            case .setLastProcessedEvent: try filter.setLastProcessed(data)
            case .getLastProcessedEvent: try Outcome.answer(data, filter.lastProcessed(log))
            case .getDeviceSDRInfo: try deviceInfo(data)
            case .getDeviceSDR: .reply(.success, try record(data, deviceReservation))
            case .reserveDeviceSDRRepository:
                try Outcome.answer(data, deviceReservation.take().littleEndianBytes)
            case .getReadingFactors: .reply(.success, try factors(data))
            case .setHysteresis: try setHysteresis(data, context, &log)
            case .getHysteresis: .reply(.success, try hysteresis(data))
            case .setThresholds: try setThresholds(data, context, &log)
            case .getThresholds: .reply(.success, try thresholds(data))
            case .setEventEnable: try setEventEnable(data, context, &log)
            case .getEventEnable: .reply(.success, try eventEnable(data))
            case .rearmEvents: try rearm(data, context, &log)
            case .getEventStatus: .reply(.success, try eventStatus(data, context, &log))
            case .getReading: .reply(.success, try reading(data, context, &log))
            case .getType: .reply(.success, try type(data))
            case .setReading: try setReading(data, context, &log)
            }
        }
    }

    /// Where the sensor of that number is.
    func index(_ number: UInt8) throws(CompletionFailure) -> Int {
        guard let index = sensors.firstIndex(where: { $0.number == number }) else {
            throw CompletionFailure(.notPresent)
        }
        return index
    }

    // MARK: Events from elsewhere

    /// Set Event Receiver: this BMC or nobody, for it has no bus to another (IPMI 2.0 §29.1).
    private mutating func setReceiver(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        let nobody: UInt8 = 0xFF
        guard data[0] == nobody || data[0] == Request.bmcAddress, data[1] & 0x03 == 0 else {
            throw CompletionFailure(.invalidField)
        }
        isReceiving = data[0] != nobody
        return .done
    }

    /// Platform Event: somebody else's event for the log (IPMI 2.0 §29.3).
    private func platformEvent(
        _ data: [UInt8],
        _ context: Context,
        _ log: inout SystemEventLog
    ) throws(CompletionFailure) -> Outcome {
        guard data.count == 7 else { throw CompletionFailure(.wrongLength) }
        guard let event = SensorEvent(data) else { throw CompletionFailure(.invalidField) }
        guard log.note(event, at: context.now, generator: UInt16(context.requester)) != nil else {
            throw CompletionFailure(.outOfSpace)
        }
        return .done
    }

    // MARK: What the machine tells

    mutating func note(_ event: PlatformEvent, at now: Duration, _ log: inout SystemEventLog) {
        switch event {
        case .poweredOn: power(isOn: true, now, &log)
        case .poweredOff: power(isOn: false, now, &log)
        case .booted(let cause):
            let hasBoth: UInt8 = 0xF0
            let channel = cause == .chassisControl ? Channel.number : 0x00
            tell(
                Sensor.bootNumber,
                [hasBoth | Sensor.State.systemRestart, cause.rawValue, channel],
                now,
                &log
            )
        case .link(let nic, let isUp):
            guard nic < Sensor.mostNICs else { return }
            if isUp { linksDown &= ~(1 << UInt32(nic)) } else { linksDown |= 1 << UInt32(nic) }
            change(Sensor.linkNumber(nic), to: linkStates(nic), now, &log)
        case .watchdog(let event, let use, let interrupt):
            let hasSecond: UInt8 = 0xC0
            tell(
                Sensor.watchdogNumber,
                [hasSecond | event.rawValue, interrupt << 4 | use & 0x0F, SensorEvent.unspecified],
                now,
                &log
            )
        }
        change(Sensor.eventLogNumber, to: logStates(log), now, &log)
    }

    /// As far as the power unit has told.
    var isMachineOn: Bool {
        sensors.first { $0.number == Sensor.powerUnitNumber }?.asserted != Sensor.State.unitIsOff
    }

    /// The BMC has started anew: nothing is forced, nothing reserved, everybody is heard.
    mutating func restart() {
        for index in sensors.indices { sensors[index].forced = nil }
        (repositoryReservation, deviceReservation) = (Reservation(), Reservation())
        isReceiving = true
    }

    mutating func logWasCleared(at now: Duration, _ log: inout SystemEventLog) {
        tell(Sensor.eventLogNumber, [Sensor.State.logCleared, 0xFF, 0xFF], now, &log)
        if let index = sensors.firstIndex(where: { $0.number == Sensor.eventLogNumber }) {
            sensors[index].asserted = 0
        }
    }

    private mutating func power(isOn: Bool, _ now: Duration, _ log: inout SystemEventLog) {
        if !knowsPower, let index = sensors.firstIndex(where: { $0.number == Sensor.powerUnitNumber }) {
            sensors[index].asserted = isOn ? Sensor.State.unitIsOff : 0
        }
        knowsPower = true
        change(Sensor.powerUnitNumber, to: isOn ? 0 : Sensor.State.unitIsOff, now, &log)
        change(
            Sensor.acpiNumber,
            to: isOn ? Sensor.State.working : Sensor.State.softOff,
            now,
            &log
        )
    }

    /// An event that is over as soon as it is told.
    private mutating func tell(
        _ number: UInt8,
        _ data: [UInt8],
        _ now: Duration,
        _ log: inout SystemEventLog
    ) {
        guard let index = sensors.firstIndex(where: { $0.number == number }) else { return }
        let state: UInt16 = 1 << UInt16(data[0] & 0x0F)
        sensors[index].asserted = state
        let sensor = sensors[index]
        guard isReceiving, sensor.sendsEvents, sensor.assertionEvents & state != 0 else { return }
        log.note(
            SensorEvent(
                sensorType: sensor.type,
                sensor: number,
                eventType: SensorEvent.specific,
                data: data
            ),
            at: now
        )
    }

    private mutating func change(
        _ number: UInt8,
        to states: UInt16,
        _ now: Duration,
        _ log: inout SystemEventLog
    ) {
        guard let index = sensors.firstIndex(where: { $0.number == number }), sensors[index].forced == nil
        else {
            return
        }
        settle(index, .states(states), now, &log)
    }
}
