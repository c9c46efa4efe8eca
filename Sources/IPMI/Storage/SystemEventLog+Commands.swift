// The commands of the event log (IPMI 2.0 §31).
extension SystemEventLog {
    /// «51h for this specification»: 1.5 and 2.0, least digit first (IPMI 2.0 §31.2).
    static let version: UInt8 = 0x51

    /// Get SEL Info (IPMI 2.0 §31.2).
    var info: [UInt8] {
        let (allocation, reserve, delete): (UInt8, UInt8, UInt8) = (0x01, 0x02, 0x08)
        var bytes = [Self.version]
        bytes.append(littleEndian: UInt16(records.count))
        bytes.append(littleEndian: UInt16(freeSpace))
        bytes.append(littleEndian: lastAddition)
        bytes.append(littleEndian: lastErase)
        bytes.append((hasOverflowed ? 0x80 : 0x00) | allocation | reserve | delete)
        return bytes
    }

    /// Get SEL Allocation Info: a unit is a record (IPMI 2.0 §31.3).
    var allocationInfo: [UInt8] {
        let free = UInt16(Self.capacity - records.count)
        var bytes: [UInt8] = []
        for number in [UInt16(Self.capacity), UInt16(SELRecord.size), free, free] {
            bytes.append(littleEndian: number)
        }
        return bytes + [0x01]
    }

    /// Get SEL Entry (IPMI 2.0 §31.5).
    func get(_ data: [UInt8]) throws(CompletionFailure) -> [UInt8] {
        let slice = try RecordSlice(data)
        if slice.offset > 0, !reservation.holds(slice.reservation) {
            throw CompletionFailure(.reservationCancelled)
        }
        guard let index = index(of: slice.record) else { throw CompletionFailure(.notPresent) }
        return try slice.answer(records[index].bytes, next: id(after: index))
    }

    /// Add SEL Entry (IPMI 2.0 §31.6).
    mutating func add(_ data: [UInt8], _ now: Duration) throws(CompletionFailure) -> [UInt8] {
        guard data.count == SELRecord.size else { throw CompletionFailure(.wrongLength) }
        guard SELRecord.hasTimestamp(data[2]) != nil else { throw CompletionFailure(.recordTypeNotSupported) }
        guard let id = add(data, at: now) else { throw CompletionFailure(.outOfSpace) }
        return id.littleEndianBytes
    }

    /// Delete SEL Entry (IPMI 2.0 §31.8).
    mutating func delete(_ data: [UInt8], _ now: Duration) throws(CompletionFailure) -> [UInt8] {
        var reader = ByteReader(data[...])
        guard let number = reader.littleEndian16(), let id = reader.littleEndian16(), reader.rest.isEmpty
        else {
            throw CompletionFailure(.wrongLength)
        }
        guard reservation.holds(number) else { throw CompletionFailure(.reservationCancelled) }
        guard let index = index(of: id) else { throw CompletionFailure(.notPresent) }
        let deleted = records[index].id
        delete(at: index, now: now)
        return deleted.littleEndianBytes
    }

    /// Clear SEL (IPMI 2.0 §31.9): what the requester wants, if it may.
    func clearing(_ data: [UInt8]) throws(CompletionFailure) -> Clearing {
        guard data.count == 6 else { throw CompletionFailure(.wrongLength) }
        guard Array(data[2...4]) == Array("CLR".utf8), let wish = Clearing(rawValue: data[5]) else {
            throw CompletionFailure(.invalidField)
        }
        // To clear ends the reservation, so whoever asks how far it is has none.
        let number = UInt16(data[0]) | UInt16(data[1]) << 8
        if wish == .begin, !reservation.holds(number) { throw CompletionFailure(.reservationCancelled) }
        return wish
    }

    /// What Clear SEL does.
    enum Clearing: UInt8 {
        case tellProgress = 0x00
        case begin = 0xAA

        /// It is done at once.
        static let completed: UInt8 = 0x01
    }

    /// Set SEL Time (IPMI 2.0 §31.11).
    mutating func setTime(_ data: [UInt8], _ now: Duration) throws(CompletionFailure) {
        var reader = ByteReader(data[...])
        guard let seconds = reader.littleEndian32(), reader.rest.isEmpty else {
            throw CompletionFailure(.wrongLength)
        }
        clock.set(seconds, at: now)
    }

    /// Set SEL Time UTC Offset (IPMI 2.0 §31.11b).
    mutating func setOffset(_ data: [UInt8]) throws(CompletionFailure) {
        var reader = ByteReader(data[...])
        guard let offset = reader.littleEndian16(), reader.rest.isEmpty else {
            throw CompletionFailure(.wrongLength)
        }
        guard clock.setOffset(offset) else { throw CompletionFailure(.invalidField) }
    }
}

/// Which part of which record, as Get SEL Entry and Get SDR ask for it (IPMI 2.0 §31.5, §33.12 and §35.3).
struct RecordSlice {
    let reservation: UInt16
    /// 0000h is the first.
    let record: UInt16
    let offset: Int
    /// Nil for all the rest.
    private let count: Int?

    init(_ data: [UInt8]) throws(CompletionFailure) {
        var reader = ByteReader(data[...])
        guard let reservation = reader.littleEndian16(), let record = reader.littleEndian16(),
            let offset = reader.byte(), let count = reader.byte(), reader.rest.isEmpty
        else { throw CompletionFailure(.wrongLength) }
        (self.reservation, self.record, self.offset) = (reservation, record, Int(offset))
        self.count = count == 0xFF ? nil : Int(count)
    }

    /// The part of `bytes`, after the number of the next record.
    func answer(_ bytes: [UInt8], next: UInt16) throws(CompletionFailure) -> [UInt8] {
        guard offset < bytes.count else { throw CompletionFailure(.outOfRange) }
        let count = count ?? bytes.count - offset
        guard offset + count <= bytes.count else { throw CompletionFailure(.tooManyBytes) }
        return next.littleEndianBytes + bytes[offset..<offset + count]
    }
}
