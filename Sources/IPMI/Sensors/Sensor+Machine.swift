// The sensors of a machine.
extension Sensor {
    /// Offsets of states (IPMI 2.0 §42.2, Table 42-3).
    enum State {
        static let unitIsOff: UInt16 = 1 << 0x0
        static let working: UInt16 = 1 << 0x0
        /// S4 or S5, which of them cannot be told.
        static let softOff: UInt16 = 1 << 0x6
        static let logCleared: UInt8 = 0x2
        static let logFull: UInt16 = 1 << 0x4
        static let logAlmostFull: UInt16 = 1 << 0x5
        static let supplyPresent: UInt16 = 1 << 0x0
        static let noHeartbeat: UInt8 = 0x0
        static let heartbeat: UInt8 = 0x1
        static let systemRestart: UInt8 = 0x7
        static let filterActs: UInt8 = 0x4
    }

    static let powerUnitNumber: UInt8 = 0x01
    static let acpiNumber: UInt8 = 0x02
    static let watchdogNumber: UInt8 = 0x03
    static let eventLogNumber: UInt8 = 0x04
    static let systemEventNumber: UInt8 = 0x05
    static let bootNumber: UInt8 = 0x06
    static func linkNumber(_ nic: Int) -> UInt8 { 0x60 + UInt8(nic) }

    /// More would not have numbers of their own.
    static let mostProcessors = 16
    static let mostNICs = 32
    static let fans = 4
    static let supplies = 2

    /// Those of the machine that the inventory describes.
    static func all(_ inventory: Inventory, mostWatts: Double) -> [Sensor] {
        machineStates + temperatures(inventory) + rails + cooling + power(mostWatts) + links(inventory)
    }

    private static var machineStates: [Sensor] {
        let board = Entity(Entity.systemBoard)
        return [
            // Off, cycled, no mains, failed.
            Sensor(powerUnitNumber, "Power Unit", .powerUnit, Entity(Entity.powerManagement), states: 0x0053),
            Sensor(acpiNumber, "ACPI State", .acpiState, board, states: State.working | State.softOff),
            // Expired, reset, power down, power cycle, interrupt.
            Sensor(watchdogNumber, "Watchdog", .watchdog, Entity(Entity.managementFirmware), states: 0x010F),
            // Cleared, full, almost full.
            Sensor(eventLogNumber, "Event Log", .eventLog, Entity(Entity.managementFirmware), states: 0x0034),
            // Reconfigured, undetermined failure, filter's action, clock set.
            Sensor(systemEventNumber, "System Event", .systemEvent, board, states: 0x0035),
            // Started by power, reset, user or restart.
            Sensor(bootNumber, "Boot", .boot, Entity(Entity.operatingSystem), states: 0x00FF),
        ]
    }

    private static func temperatures(_ inventory: Inventory) -> [Sensor] {
        let scale = AnalogScale(unit: .celsius, factor: 1, exponent: 0)
        let processors = (0..<min(mostProcessors, max(1, inventory.processors))).map { index in
            Sensor(
                0x20 + UInt8(index),
                "CPU\(index + 1) Temp",
                .processor(index),
                Entity(Entity.processor, index + 1),
                scale,
                usual: (45, 30, 75),
                limits: [.upperNonCritical: 85, .upperCritical: 95, .upperNonRecoverable: 105]
            )
        }
        return [
            Sensor(
                0x10,
                "Inlet Temp",
                .inlet,
                Entity(Entity.airInlet),
                scale,
                usual: (22, 18, 27),
                limits: [
                    .lowerNonCritical: 5, .lowerCritical: 2, .upperNonCritical: 38, .upperCritical: 42,
                    .upperNonRecoverable: 47,
                ]
            ),
            Sensor(
                0x11,
                "Board Temp",
                .board,
                Entity(Entity.systemBoard),
                scale,
                usual: (32, 20, 45),
                limits: [.upperNonCritical: 60, .upperCritical: 70, .upperNonRecoverable: 80]
            ),
        ] + processors
    }

    private static var rails: [Sensor] {
        [("+12V", 12.0, 6, -2), ("+5V", 5.0, 25, -3), ("+3.3V", 3.3, 165, -4)].enumerated().map {
            index,
            rail in
            let (name, volts, factor, exponent) = rail
            return Sensor(
                0x14 + UInt8(index),
                name,
                .rail(volts),
                Entity(Entity.systemBoard),
                AnalogScale(unit: .volts, factor: UInt16(factor), exponent: exponent),
                usual: (volts, volts * 0.97, volts * 1.03),
                limits: [
                    .lowerNonCritical: volts * 0.94, .lowerCritical: volts * 0.9,
                    .upperNonCritical: volts * 1.06, .upperCritical: volts * 1.1,
                ]
            )
        }
    }

    private static var cooling: [Sensor] {
        (0..<fans).map { index in
            Sensor(
                0x30 + UInt8(index),
                "Fan \(index + 1)",
                .fan(index),
                Entity(Entity.fan, index + 1),
                AnalogScale(unit: .revolutionsPerMinute, factor: 60, exponent: 0),
                usual: (4800, 3000, 9600),
                limits: [.lowerNonCritical: 1800, .lowerCritical: 1200]
            )
        }
    }

    /// The supplies share what the machine draws.
    private static func power(_ mostWatts: Double) -> [Sensor] {
        // Full load is at three quarters of the scale, so that a limit can lie beyond it.
        let scale = AnalogScale(
            unit: .watts,
            factor: UInt16(min(1023, (mostWatts / 190).rounded(.up))),
            exponent: 0
        )
        let limits: [Threshold: Double] = [
            .upperNonCritical: scale.value(220), .upperCritical: scale.value(240),
        ]
        let usual = (nominal: mostWatts / 2, least: 0.0, most: mostWatts)
        let draw = Sensor(
            0x12,
            "Power Draw",
            .power,
            Entity(Entity.systemBoard),
            scale,
            usual: usual,
            limits: limits
        )
        return [draw]
            + (0..<supplies).flatMap { index in
                let entity = Entity(Entity.powerSupply, index + 1)
                return [
                    // Present, failed, predicted to fail, input lost.
                    Sensor(
                        0x40 + UInt8(index),
                        "PS\(index + 1) Status",
                        .supply(index),
                        entity,
                        states: 0x000F,
                        atFirst: State.supplyPresent
                    ),
                    Sensor(
                        0x48 + UInt8(index),
                        "PS\(index + 1) Input",
                        .supplyInput(index),
                        entity,
                        scale,
                        usual: usual,
                        limits: limits
                    ),
                ]
            }
    }

    private static func links(_ inventory: Inventory) -> [Sensor] {
        inventory.nics.prefix(mostNICs).enumerated().map { index, nic in
            Sensor(
                linkNumber(index),
                String(decoding: "Link \(nic.name)".utf8.prefix(SensorRecord.longestName), as: UTF8.self),
                .link(index),
                Entity(Entity.addInCard, index + 1),
                states: 1 << UInt16(State.noHeartbeat) | 1 << UInt16(State.heartbeat),
                atFirst: 1 << UInt16(State.heartbeat)
            )
        }
    }
}
