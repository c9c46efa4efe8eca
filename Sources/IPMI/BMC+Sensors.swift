// What the BMC knows of its machine, in plain terms.
extension BMC {
    /// What every sensor reads now; what that brings about is in the event log afterwards.
    package mutating func readings(at now: Duration, machine: MachineState) -> [SensorReading] {
        sensors.evaluate(at: now, machine, &storage.log)
        return sensors.sensors.map { sensor in
            let reading =
                sensor.isScanning
                ? sensors.reading(of: sensor, isPowered: machine.isPowered, storage.log) : .unavailable
            return SensorReading(sensor, reading)
        }
    }

    /// Makes a sensor read something else than what is so; nil lets it be.
    ///
    /// False when there is no sensor of that name.
    package mutating func override(
        sensor name: String,
        _ reading: ForcedReading?,
        at now: Duration,
        machine: MachineState
    ) -> Bool {
        guard let index = sensors.sensors.firstIndex(where: { $0.name == name }) else { return false }
        sensors.force(index, reading, at: now, machine, &storage.log)
        return true
    }

    /// What the machine draws, in watts, now and since the statistics were begun.
    package mutating func powerDraw(at now: Duration, machine: MachineState) -> PowerDraw {
        sensors.workload.look(at: now, machine)
        let draw = sensors.workload.draw
        return PowerDraw(
            current: sensors.workload.watts(machine.isPowered),
            least: draw.least,
            most: draw.most,
            average: draw.average,
            period: now - draw.since
        )
    }

    /// The event log, oldest first.
    package var eventLog: [EventLogEntry] {
        storage.log.records.map { record in
            let sensor = record.event.flatMap { event in sensors.sensors.first { $0.number == event.sensor } }
            return EventLogEntry(record, sensor)
        }
    }

    package mutating func clearEventLog(at now: Duration) { storage.clearLog(at: now, &sensors) }
}

/// What one sensor says at a moment.
package struct SensorReading: Sendable {
    package enum Kind: String, Sendable { case temperature, fan, voltage, power, state }
    package enum Health: String, Sendable { case ok, warning, critical }

    package var number: UInt8
    package var name: String
    package var kind: Kind
    package var unit: SensorUnit?
    /// Nil when it cannot be read, as a fan of a machine that is off, and for a sensor of states.
    package var value: Double?
    /// Of a sensor of states the ones that it is in, by offset (IPMI 2.0 §42.2).
    package var states: UInt16?
    package var thresholds: [Threshold: Double]
    package var health: Health

    init(_ sensor: Sensor, _ reading: SensorDevice.Reading) {
        (number, name, unit) = (sensor.number, sensor.name, sensor.scale?.unit)
        kind =
            switch sensor.scale?.unit {
            case .celsius: .temperature
            case .volts: .voltage
            case .watts: .power
            case .revolutionsPerMinute: .fan
            case nil: .state
            }
        thresholds = [:]
        for limit in Threshold.allCases {
            guard let scale = sensor.scale, let bound = sensor.thresholds[limit] else { continue }
            thresholds[limit] = scale.value(bound)
        }
        health = .ok
        switch reading {
        case .unavailable: break
        case .value(let raw):
            value = sensor.scale?.value(raw)
            let crossed = Threshold.allCases.filter { sensor.asserted & UInt16($0.bit) != 0 }
            health = crossed.contains(where: \.isCritical) ? .critical : crossed.isEmpty ? .ok : .warning
        case .states(let states):
            self.states = states
            let worries = (UInt8(0)..<15).filter { states >> UInt16($0) & 1 != 0 }
                .map { EventText(sensor.type, $0).severity }
            health = worries.max { $0.rank < $1.rank } ?? .ok
        }
    }
}

extension SensorReading.Health {
    fileprivate var rank: Int {
        switch self {
        case .ok: 0
        case .warning: 1
        case .critical: 2
        }
    }
}

/// The power that a machine draws, in watts.
package struct PowerDraw: Sendable, Hashable {
    package var current: Double
    package var least: Double
    package var most: Double
    package var average: Double
    /// What the last three are about.
    package var period: Duration
}

/// One entry of the event log.
package struct EventLogEntry: Sendable, Hashable {
    package var id: UInt16
    /// Seconds since 1970; nil for a record that does not say.
    package var time: UInt32?
    /// What it is about; nil when no sensor of this BMC told it.
    package var sensor: String?
    /// Such as `upper critical limit crossed: 98 °C (limit 95 °C)`.
    package var text: String
    package var severity: SensorReading.Health
    /// False for the end of a state.
    package var isAssertion: Bool
    /// The record as IPMI gives it: sixteen bytes.
    package var record: [UInt8]

    init(_ record: SELRecord, _ sensor: Sensor?) {
        (id, time, self.record) = (record.id, record.time, record.bytes)
        guard let event = record.event else {
            (text, severity, isAssertion) = ("record of type \(record.type.hexText)", .ok, true)
            return
        }
        let known = sensor.flatMap { $0.type == event.sensorType ? $0 : nil }
        let said = EventText(event, known)
        self.sensor = known?.name
        isAssertion = event.isAssertion
        text = said.text + (event.isAssertion ? "" : ": over")
        severity = event.isAssertion ? said.severity : .ok
    }
}
