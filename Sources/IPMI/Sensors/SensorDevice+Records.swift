// The repository of the sensors' records (IPMI 2.0 §33, §35.2 to §35.4).
extension SensorDevice {
    /// The BMC, its inventory, and each sensor.
    var recordCount: Int { sensors.count + 2 }

    /// Record 1 is the first.
    func record(_ id: UInt16) -> [UInt8]? {
        switch id {
        case 1: SensorRecord.controller("BMC", id: id)
        case 2: SensorRecord.fru(product, id: id)
        case 3...UInt16(recordCount): SensorRecord.sensor(sensors[Int(id) - 3], id: id)
        default: nil
        }
    }

    /// The number of a sensor's record.
    func record(ofSensor index: Int) -> UInt16 { UInt16(index + 3) }

    /// Get SDR and Get Device SDR (IPMI 2.0 §33.12 and §35.3).
    func record(_ data: [UInt8], _ reservation: Reservation) throws(CompletionFailure) -> [UInt8] {
        let slice = try RecordSlice(data)
        if slice.offset > 0, !reservation.holds(slice.reservation) {
            throw CompletionFailure(.reservationCancelled)
        }
        let last = UInt16(recordCount)
        let id = slice.record == 0x0000 ? 1 : slice.record == 0xFFFF ? last : slice.record
        guard let record = record(id) else { throw CompletionFailure(.notPresent) }
        return try slice.answer(record, next: id == last ? 0xFFFF : id + 1)
    }

    /// Get SDR Repository Info: made with the BMC, and nobody adds to it or deletes (IPMI 2.0 §33.9).
    var repositoryInfo: [UInt8] {
        let (allocation, reserve): (UInt8, UInt8) = (0x01, 0x02)
        var bytes: [UInt8] = [SystemEventLog.version]
        bytes.append(littleEndian: UInt16(recordCount))
        bytes.append(littleEndian: UInt16(0))  // Room for nothing more.
        // Clients that keep the records compare these: a clock that is set must not move them.
        bytes.append(littleEndian: made)
        bytes.append(littleEndian: made)
        bytes.append(allocation | reserve)
        return bytes
    }

    /// Get SDR Repository Allocation Info: no unit is free (IPMI 2.0 §33.10).
    static let allocationInfo: [UInt8] = [0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00]

    /// Get Device SDR Info (IPMI 2.0 §35.2).
    func deviceInfo(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.count <= 1 else { throw CompletionFailure(.wrongLength) }
        let countsRecords = (data.first ?? 0) & 0x01 != 0
        // Sensors at LUN 0, and always the same ones.
        return .reply(.success, [UInt8(countsRecords ? recordCount : sensors.count), 0x01])
    }
}
