/// The Data Center Manageability Interface: power, temperatures and names, as DCMI asks for them (DCMI 1.5 §6).
///
/// It has little of its own: power and temperatures are the sensors', the asset tag is the inventory's.
struct DCMIDevice: Sendable {
    private var controllerID: [UInt8]

    /// What names DCMI's commands among the groups of the network function, in requests and answers (IPMI 2.0 §5.1).
    static let group: UInt8 = 0xDC
    /// DCMI 1.5, and the revision of its parameters.
    private static let version: [UInt8] = [0x01, 0x05, 0x02]
    /// A tag's and an identifier's longest part in one command (DCMI 1.5 §6.4).
    private static let longestPart = 16
    /// With the zero at its end (DCMI 1.5 §6.4.6).
    private static let longestID = 64

    init(_ inventory: Inventory) {
        // «DCMI» and the MAC address unless somebody says otherwise (DCMI 1.5 §6.4.6).
        let address = inventory.network.hardwareAddress.map { $0.hexText.dropFirst(2) }.joined()
        controllerID = Array("DCMI\(address)".utf8)
    }

    mutating func execute(
        _ command: DCMICommand,
        _ data: [UInt8],
        _ context: Context,
        _ sensors: inout SensorDevice,
        _ storage: inout StorageDevice
    ) -> Outcome {
        .of { () throws(CompletionFailure) in
            guard data.first == Self.group else { throw CompletionFailure(.invalidCommand) }
            let data = Array(data.dropFirst())
            func answer(_ bytes: [UInt8]) -> Outcome { .reply(.success, [Self.group] + bytes) }
            switch command {
            case .getCapabilities: return answer(try Self.capabilities(data))
            case .getPowerReading: return answer(try power(data, context, &sensors, storage.log.clock))
            case .getPowerLimit: return try Self.powerLimit(data)
            // Nothing here could hold the machine to a limit.
            case .setPowerLimit: throw try Self.refusal(data, 14)
            case .activatePowerLimit: throw try Self.refusal(data, 3)
            case .getAssetTag: return answer(try Self.part(of: storage.fru.assetTag ?? [], data))
            case .setAssetTag: return answer(try Self.setAssetTag(data, &storage.fru))
            case .getControllerID: return answer(try Self.part(of: controllerID + [0x00], data))
            case .setControllerID: return answer(try setControllerID(data))
            case .getSensorInfo: return answer(try sensorInfo(data, sensors))
            case .getTemperatureReadings:
                return answer(try temperatures(data, context, &sensors, &storage.log))
            case .getConfiguration: return answer(try Self.configuration(data))
            case .setConfiguration: throw try Self.configurationFailure(data)
            }
        }
    }

    /// The answer to who has not logged in.
    static func answerCapabilities(_ data: [UInt8]) -> (CompletionCode, [UInt8]) {
        do throws(CompletionFailure) {
            guard data.first == group else { throw CompletionFailure(.invalidCommand) }
            return (.success, [group] + (try capabilities(Array(data.dropFirst()))))
        } catch {
            return (error.code, [])
        }
    }

    /// Get DCMI Capabilities Info (DCMI 1.5 §6.1.1).
    private static func capabilities(_ data: [UInt8]) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
        let none: UInt8 = 0xFF
        let parameter: [UInt8] =
            switch data[0] {
            // Power can be measured; there is no second channel, no terminal mode and no way in from the machine.
            case 1: [0x00, 0x01, 0x00]
            // The event log's size, without roll-over; GUID and asset tag; all temperatures, every second.
            case 2: UInt16(SystemEventLog.capacity).littleEndianBytes + [0x05, 0x07, 0x01]
            // Power is managed by the BMC itself.
            case 3: [Request.bmcAddress, 0x00]
            case 4: [Channel.number, none, none]
            // No rolling averages.
            case 5: [0x00]
            default: throw CompletionFailure(.invalidField)
            }
        return version + parameter
    }

    // MARK: Power

    /// Get Power Reading: since the BMC was first asked (DCMI 1.5 §6.6.1).
    private func power(
        _ data: [UInt8],
        _ context: Context,
        _ sensors: inout SensorDevice,
        _ clock: SystemClock
    )
        throws(CompletionFailure) -> [UInt8]
    {
        guard data.count == 3 else { throw CompletionFailure(.wrongLength) }
        let statistics: UInt8 = 0x01
        guard data[0] == statistics else { throw CompletionFailure(.invalidField) }
        let isActive: UInt8 = 0x40
        sensors.workload.look(at: context.now, context.machine)
        let (draw, now) = (sensors.workload.draw, sensors.workload.watts(context.machine.isPowered))
        var bytes: [UInt8] = []
        for watts in [now, draw.least, draw.most, draw.average] {
            bytes.append(littleEndian: UInt16(max(0, min(65535, watts.rounded()))))
        }
        bytes.append(littleEndian: clock.seconds(at: context.now))
        let period = (context.now - draw.since).seconds * 1000
        bytes.append(littleEndian: UInt32(max(0, min(Double(UInt32.max), period))))
        return bytes + [isActive]
    }

    /// Get Power Limit: there is none, which the completion code says; all the same there are data (DCMI 1.5 §6.6.2).
    private static func powerLimit(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        return .reply(.noActivePowerLimit, [group] + [UInt8](repeating: 0, count: 13))
    }

    private static func refusal(_ data: [UInt8], _ count: Int) throws(CompletionFailure) -> CompletionFailure
    {
        CompletionFailure(data.count == count ? .functionUnavailable : .wrongLength)
    }

    // MARK: Names

    /// Some bytes of a text, after its whole length (DCMI 1.5 §6.4.2 and §6.4.6.1).
    private static func part(of text: [UInt8], _ data: [UInt8]) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        let (offset, count) = (Int(data[0]), Int(data[1]))
        guard offset <= text.count else { throw CompletionFailure(.outOfRange) }
        guard count <= longestPart else { throw CompletionFailure(.tooManyBytes) }
        return [UInt8(text.count)] + text[offset..<min(text.count, offset + count)]
    }

    /// Bytes from an offset on, after which the text ends, put into `text`.
    private static func put(
        _ data: [UInt8],
        into text: [UInt8],
        most: Int
    ) throws(CompletionFailure)
        -> [UInt8]
    {
        guard data.count >= 2, data.count == 2 + Int(data[1]) else { throw CompletionFailure(.wrongLength) }
        let offset = Int(data[0])
        let new = data.dropFirst(2)
        guard new.count <= longestPart, offset <= text.count, offset + new.count <= most else {
            throw CompletionFailure(.outOfRange)
        }
        return Array(text.prefix(offset)) + new
    }

    /// Set Asset Tag (DCMI 1.5 §6.4.3).
    private static func setAssetTag(
        _ data: [UInt8],
        _ fru: inout FRUDevice
    ) throws(CompletionFailure)
        -> [UInt8]
    {
        let tag = try put(data, into: fru.assetTag ?? [], most: FRUArea.longestField)
        guard fru.setAssetTag(tag) else { throw CompletionFailure(.outOfSpace) }
        return [UInt8(tag.count)]
    }

    /// Set Management Controller Identifier String (DCMI 1.5 §6.4.6.2).
    private mutating func setControllerID(_ data: [UInt8]) throws(CompletionFailure) -> [UInt8] {
        let padded = controllerID + [UInt8](repeating: 0, count: Self.longestID - controllerID.count)
        let new = try Self.put(data, into: Array(padded), most: Self.longestID)
        // The zero that ends it comes with its last part.
        controllerID = Array(new.prefix { $0 != 0 }.prefix(Self.longestID - 1))
        return [UInt8(new.count)]
    }

    // MARK: Temperatures

    /// The entities of temperature sensors: DCMI's own number, and IPMI's (DCMI 1.5 §6.5.2, Table 6-10).
    private static func entity(_ number: UInt8) -> UInt8? {
        switch number {
        case 0x40, Sensor.Entity.airInlet: Sensor.Entity.airInlet
        case 0x41, Sensor.Entity.processor: Sensor.Entity.processor
        case 0x42, Sensor.Entity.systemBoard: Sensor.Entity.systemBoard
        default: nil
        }
    }

    /// Where the sensors are that sensor type, entity, instance and first instance ask for.
    private func found(_ data: [UInt8], _ sensors: SensorDevice) throws(CompletionFailure) -> (Int, [Int]) {
        guard data.count == 4 else { throw CompletionFailure(.wrongLength) }
        let temperature: UInt8 = 0x01
        guard data[0] == temperature, let entity = Self.entity(data[1]) else {
            throw CompletionFailure(.invalidField)
        }
        let all = sensors.sensors.indices.filter {
            sensors.sensors[$0].type == temperature && sensors.sensors[$0].entity.id == entity
        }
        let (wanted, first) = (data[2], max(1, data[3]))
        let chosen = all.filter {
            let instance = sensors.sensors[$0].entity.instance
            return wanted == 0 ? instance >= first : instance == wanted
        }
        return (all.count, Array(chosen.prefix(8)))
    }

    /// Get DCMI Sensor Info (DCMI 1.5 §6.5.2).
    private func sensorInfo(_ data: [UInt8], _ sensors: SensorDevice) throws(CompletionFailure) -> [UInt8] {
        let (total, found) = try found(data, sensors)
        return [UInt8(total), UInt8(found.count)]
            + found.flatMap { sensors.record(ofSensor: $0).littleEndianBytes }
    }

    /// Get Temperature Readings: those that can be read (DCMI 1.5 §6.7.3).
    private func temperatures(
        _ data: [UInt8],
        _ context: Context,
        _ sensors: inout SensorDevice,
        _ log: inout SystemEventLog
    ) throws(CompletionFailure) -> [UInt8] {
        let (total, found) = try found(data, sensors)
        sensors.workload.look(at: context.now, context.machine)
        var readings: [UInt8] = []
        for index in found {
            let reading = sensors.evaluate(index, at: context.now, context.machine, &log)
            guard case .value(let raw) = reading else { continue }
            // Bit 7 would be the sign.
            readings += [min(raw, 0x7F), sensors.sensors[index].entity.instance]
        }
        return [UInt8(total), UInt8(readings.count / 2)] + readings
    }

    // MARK: Configuration

    /// How this BMC would look for a DHCP server, were it told to: as the standard has it (DCMI 1.5 §6.1.2).
    private static func value(of parameter: UInt8) -> [UInt8]? {
        switch parameter {
        case 2: [0x00]  // Asks for nothing by DHCP.
        case 3: [0x04]
        case 4: [0x78, 0x00]
        case 5: [0x40, 0x00]
        default: nil
        }
    }

    /// Get DCMI Configuration Parameters (DCMI 1.5 §6.1.3).
    private static func configuration(_ data: [UInt8]) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        guard let value = value(of: data[0]) else { throw CompletionFailure(.parameterNotSupported) }
        return [0x01, 0x05, 0x01] + value
    }

    /// Set DCMI Configuration Parameters: there is no DHCP to set up (DCMI 1.5 §6.1.2).
    private static func configurationFailure(_ data: [UInt8]) throws(CompletionFailure) -> CompletionFailure {
        guard data.count >= 3 else { throw CompletionFailure(.wrongLength) }
        return CompletionFailure((1...5).contains(data[0]) ? .parameterReadOnly : .parameterNotSupported)
    }
}
