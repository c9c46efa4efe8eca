/// The records that describe sensors and what they belong to (IPMI 2.0 §43).
enum SensorRecord {
    /// Bytes of a name (IPMI 2.0 §43.1, ID string).
    static let longestName = 16

    private static let version: UInt8 = 0x51
    private static let (full, compact): (UInt8, UInt8) = (0x01, 0x02)
    private static let (fruLocator, controllerLocator): (UInt8, UInt8) = (0x11, 0x12)

    private static func record(_ id: UInt16, _ type: UInt8, _ body: [UInt8]) -> [UInt8] {
        id.littleEndianBytes + [version, type, UInt8(body.count)] + body
    }

    /// Type «8-bit ASCII», then the length (IPMI 2.0 §43.15).
    private static func text(_ text: String) -> [UInt8] {
        let bytes = text.utf8.prefix(longestName)
        return [0xC0 | UInt8(bytes.count)] + bytes
    }

    /// A full record for a value, a compact one for states (IPMI 2.0 §43.1 and §43.2).
    static func sensor(_ sensor: Sensor, id: UInt16) -> [UInt8] {
        guard let scale = sensor.scale else { return record(id, compact, compactBody(sensor)) }
        return record(id, full, fullBody(sensor, scale))
    }

    /// Both kinds begin alike: key, entity, how it starts, what it can, what it is.
    private static func head(_ sensor: Sensor) -> [UInt8] {
        // Settable; starts with scanning, events, type and, for values, limits and hysteresis as below.
        let start: UInt8 = sensor.scale == nil ? 0xE7 : 0xFF
        // Re-arms itself; events can be chosen one by one; limits and hysteresis can be read and set.
        let abilities: UInt8 = sensor.scale == nil ? 0x40 : 0x68
        return [
            Request.bmcAddress, 0x00, sensor.number, sensor.entity.id, sensor.entity.instance, start,
            abilities,
            sensor.type, sensor.eventType,
        ]
    }

    private static func fullBody(_ sensor: Sensor, _ scale: AnalogScale) -> [UInt8] {
        let limits = sensor.thresholds
        // Bits 14 to 12: which comparisons Get Sensor Reading returns, lower ones here, upper ones there.
        let lower = UInt16(limits.mask & 0x07) << 12
        let upper = UInt16(limits.mask >> 3) << 12
        var bytes = head(sensor)
        bytes.append(littleEndian: sensor.knownEvents | lower)
        bytes.append(littleEndian: sensor.knownEvents | upper)
        bytes += [limits.mask, limits.mask]  // Readable, and settable.
        bytes += [0x00, scale.unit.rawValue, 0x00]  // Unsigned, no rate, no modifier.
        bytes.append(0x00)  // Linear.
        bytes += scale.factors
        bytes += [0x07, sensor.usual.nominal, sensor.usual.most, sensor.usual.least]  // All three are given.
        bytes += [0xFF, 0x00]  // The greatest and the least reading that there is.
        bytes += limits.bytes.dropFirst().reversed()  // Here the upper ones come first.
        bytes += [sensor.hysteresis.positive, sensor.hysteresis.negative]
        bytes += [0x00, 0x00, 0x00]
        return bytes + text(sensor.name)
    }

    private static func compactBody(_ sensor: Sensor) -> [UInt8] {
        var bytes = head(sensor)
        for _ in 0..<3 { bytes.append(littleEndian: sensor.states) }  // Assertions, deassertions, readable.
        bytes += [0xC0, 0x00, 0x00]  // No value.
        bytes += [0x01, 0x00]  // The record describes one sensor.
        bytes += [0x00, 0x00]  // No hysteresis.
        bytes += [0x00, 0x00, 0x00, 0x00]
        return bytes + text(sensor.name)
    }

    /// Where the inventory is: device 0 of the BMC (IPMI 2.0 §43.8).
    static func fru(_ name: String, id: UInt16) -> [UInt8] {
        let logical: UInt8 = 0x80
        let inventoryBehindController: UInt8 = 0x10
        return record(
            id,
            fruLocator,
            [
                Request.bmcAddress, 0x00, logical, 0x00, 0x00, inventoryBehindController, 0x00,
                Sensor.Entity.systemBoard, 0x01, 0x00,
            ] + text(name)
        )
    }

    /// The BMC itself and what it can, as in its Get Device ID (IPMI 2.0 §43.9).
    static func controller(_ name: String, id: UInt16) -> [UInt8] {
        record(
            id,
            controllerLocator,
            [
                Request.bmcAddress, 0x00, 0x00, ApplicationDevice.deviceSupport, 0x00, 0x00, 0x00,
                Sensor.Entity.managementFirmware, 0x01, 0x00,
            ] + text(name)
        )
    }
}
