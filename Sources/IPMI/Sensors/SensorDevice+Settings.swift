// How sensors are set: limits, hysteresis, events (IPMI 2.0 §35).
extension SensorDevice {
    /// Where the sensor of values is that the first byte names.
    private func analog(_ data: [UInt8]) throws(CompletionFailure) -> (Int, AnalogScale) {
        guard let number = data.first else { throw CompletionFailure(.wrongLength) }
        let index = try index(number)
        guard let scale = sensors[index].scale else { throw CompletionFailure(.wrongKind) }
        return (index, scale)
    }

    /// A change of settings may cross a limit.
    private mutating func settingsChanged(_ index: Int, _ context: Context, _ log: inout SystemEventLog) {
        workload.look(at: context.now, context.machine)
        evaluate(index, at: context.now, context.machine, &log)
    }

    /// Get Sensor Reading Factors: the same for every reading, these sensors being linear (IPMI 2.0 §35.5).
    func factors(_ data: [UInt8]) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        return [data[1] == .max ? data[1] : data[1] + 1] + (try analog(data)).1.factors
    }

    /// Set Sensor Hysteresis (IPMI 2.0 §35.6).
    mutating func setHysteresis(
        _ data: [UInt8],
        _ context: Context,
        _ log: inout SystemEventLog
    ) throws(CompletionFailure) -> Outcome {
        guard data.count == 4 else { throw CompletionFailure(.wrongLength) }
        let (index, _) = try analog(data)
        guard data[1] == 0xFF else { throw CompletionFailure(.invalidField) }
        sensors[index].hysteresis = (data[2], data[3])
        settingsChanged(index, context, &log)
        return .done
    }

    /// Get Sensor Hysteresis (IPMI 2.0 §35.7).
    func hysteresis(_ data: [UInt8]) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        let (index, _) = try analog(data)
        guard data[1] == 0xFF else { throw CompletionFailure(.invalidField) }
        return [sensors[index].hysteresis.positive, sensors[index].hysteresis.negative]
    }

    /// Set Sensor Thresholds: only those that the sensor has (IPMI 2.0 §35.8).
    mutating func setThresholds(
        _ data: [UInt8],
        _ context: Context,
        _ log: inout SystemEventLog
    ) throws(CompletionFailure) -> Outcome {
        guard data.count == 8 else { throw CompletionFailure(.wrongLength) }
        let (index, _) = try analog(data)
        guard data[1] & ~sensors[index].thresholds.mask == 0 else { throw CompletionFailure(.invalidField) }
        sensors[index].thresholds.set(data[1], data[2...])
        settingsChanged(index, context, &log)
        return .done
    }

    /// Get Sensor Thresholds (IPMI 2.0 §35.9).
    func thresholds(_ data: [UInt8]) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
        return sensors[try analog(data).0].thresholds.bytes
    }

    /// Get Sensor Type (IPMI 2.0 §35.16).
    func type(_ data: [UInt8]) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
        let sensor = sensors[try index(data[0])]
        return [sensor.type, sensor.eventType]
    }

    // MARK: Events

    /// Two masks, of assertions and of deassertions, of which the last bytes may be left out.
    private static func masks(_ data: ArraySlice<UInt8>) -> (UInt16, UInt16) {
        let bytes = Array(data) + [UInt8](repeating: 0, count: max(0, 4 - data.count))
        return (UInt16(bytes[0]) | UInt16(bytes[1]) << 8, UInt16(bytes[2]) | UInt16(bytes[3]) << 8)
    }

    /// Set Sensor Event Enable (IPMI 2.0 §35.10).
    mutating func setEventEnable(
        _ data: [UInt8],
        _ context: Context,
        _ log: inout SystemEventLog
    ) throws(CompletionFailure) -> Outcome {
        guard (2...6).contains(data.count) else { throw CompletionFailure(.wrongLength) }
        let index = try index(data[0])
        var sensor = sensors[index]
        (sensor.sendsEvents, sensor.isScanning) = (data[1] & 0x80 != 0, data[1] & 0x40 != 0)
        let (assertions, deassertions) = Self.masks(data[2...])
        guard (assertions | deassertions) & ~sensor.knownEvents == 0 else {
            throw CompletionFailure(.invalidField)
        }
        switch data[1] >> 4 & 0x03 {
        case 0: break
        case 1:
            sensor.assertionEvents |= assertions
            sensor.deassertionEvents |= deassertions
        case 2:
            sensor.assertionEvents &= ~assertions
            sensor.deassertionEvents &= ~deassertions
        default: throw CompletionFailure(.invalidField)
        }
        sensors[index] = sensor
        settingsChanged(index, context, &log)
        return .done
    }

    /// Get Sensor Event Enable (IPMI 2.0 §35.11).
    func eventEnable(_ data: [UInt8]) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
        let sensor = sensors[try index(data[0])]
        return [sensor.flags(isAvailable: true)] + sensor.assertionEvents.littleEndianBytes
            + sensor.deassertionEvents.littleEndianBytes
    }

    /// Re-arm Sensor Events: what still holds is told once more (IPMI 2.0 §35.12).
    mutating func rearm(
        _ data: [UInt8],
        _ context: Context,
        _ log: inout SystemEventLog
    ) throws(CompletionFailure) -> Outcome {
        guard (2...6).contains(data.count) else { throw CompletionFailure(.wrongLength) }
        let index = try index(data[0])
        let onlySelected: UInt8 = 0x80
        let events = data[1] & onlySelected == 0 ? UInt16.max : Self.masks(data[2...]).0
        if sensors[index].scale == nil {
            sensors[index].asserted &= ~events
        } else {
            let limits = Threshold.allCases.reduce(UInt16(0)) { limits, limit in
                events >> UInt16(limit.offset) & 1 == 0 ? limits : limits | UInt16(limit.bit)
            }
            sensors[index].asserted &= ~limits
        }
        settingsChanged(index, context, &log)
        return .done
    }

    // MARK: Readings that are not so

    /// Set Sensor Reading And Event Status: a value, or the states, until the BMC starts anew (IPMI 2.0 §35.17).
    mutating func setReading(
        _ data: [UInt8],
        _ context: Context,
        _ log: inout SystemEventLog
    ) throws(CompletionFailure) -> Outcome {
        guard (3...10).contains(data.count) else { throw CompletionFailure(.wrongLength) }
        let index = try index(data[0])
        let (eventData, assertions) = (data[1] >> 6, data[1] >> 4 & 0x03)
        let (deassertions, reading) = (data[1] >> 2 & 0x03, data[1] & 0x03)
        guard eventData == 0 else { throw CompletionFailure(.eventDataNotSettable) }
        guard deassertions == 0, reading <= 1 else { throw CompletionFailure(.readingNotSettable) }
        let forced: ForcedReading
        if let scale = sensors[index].scale {
            guard assertions == 0, reading == 1 else { throw CompletionFailure(.readingNotSettable) }
            forced = .value(scale.value(data[2]))
        } else {
            let before = sensors[index].asserted
            let given = Self.masks(data[3...]).0
            guard reading == 0, assertions != 0, given & ~sensors[index].states == 0 else {
                throw CompletionFailure(.readingNotSettable)
            }
            let (write, add): (UInt8, UInt8) = (1, 2)
            // Bits that are 1 set, or that are 0 clear, what was there.
            let states = assertions == write ? given : assertions == add ? before | given : before & given
            forced = .states(states)
        }
        force(index, forced, at: context.now, context.machine, &log)
        return .done
    }

    mutating func force(
        _ index: Int,
        _ reading: ForcedReading?,
        at now: Duration,
        _ machine: MachineState,
        _ log: inout SystemEventLog
    ) {
        sensors[index].forced = reading
        workload.look(at: now, machine)
        evaluate(index, at: now, machine, &log)
    }
}
