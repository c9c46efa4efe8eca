/// The System Event Log (IPMI 2.0 §31).
struct SystemEventLog: Sendable {
    private(set) var records: [SELRecord] = []
    var clock: SystemClock
    /// Events came that found no room.
    private(set) var hasOverflowed = false
    private(set) var lastAddition = never
    private(set) var lastErase = never
    private(set) var reservation = Reservation()
    /// Events that the event filter has not looked at yet: number, event and who told it.
    private(set) var unfiltered: [Unfiltered] = []
    /// What the next record is called, if no other is.
    var nextID: UInt16 = 1

    /// How many records it holds; memory grows only with what is in it.
    static let capacity = 512
    private static let never: UInt32 = 0xFFFF_FFFF
    /// The BMC itself, LUN 0 of channel 0 (IPMI 2.0 §32.1).
    static let bmc: UInt16 = 0x0020

    /// An event that came in.
    struct Unfiltered: Sendable, Hashable {
        /// Nil when it found no room.
        var id: UInt16?
        var event: SensorEvent
        var generator: UInt16
    }

    init(epoch: UInt32) { clock = SystemClock(epoch: epoch) }

    /// Whether it has no room, whatever is in it.
    var isFullAnyway = false

    var freeSpace: Int { isFullAnyway ? 0 : (Self.capacity - records.count) * SELRecord.size }
    var isFull: Bool { isFullAnyway || records.count >= Self.capacity }
    /// Nine tenths of it are used.
    var isAlmostFull: Bool { records.count * 10 >= Self.capacity * 9 }

    mutating func reserve() -> UInt16 { reservation.take() }
    mutating func cancelReservation() { reservation.cancel() }

    // MARK: Writing

    /// Notes an event of a sensor; nil when there is no room for it.
    @discardableResult
    mutating func note(_ event: SensorEvent, at now: Duration, generator: UInt16 = bmc) -> UInt16? {
        let id = append(at: now) { id, time in SELRecord(event, id: id, time: time, generator: generator) }
        // A full log loses the record, not what is to be done about the event.
        if unfiltered.count < Self.capacity {
            unfiltered.append(Unfiltered(id: id, event: event, generator: generator))
        }
        return id
    }

    /// Notes what the event filter does, which is nothing for it to look at.
    mutating func noteAction(_ event: SensorEvent, at now: Duration) {
        _ = append(at: now) { id, time in SELRecord(event, id: id, time: time, generator: Self.bmc) }
    }

    /// All that came in since the last time.
    mutating func takeUnfiltered() -> [Unfiltered] {
        defer { unfiltered = [] }
        return unfiltered
    }

    /// Adds a record as it is but for its number, and for its time where its type has one.
    mutating func add(_ record: [UInt8], at now: Duration) -> UInt16? {
        append(at: now) { id, time in
            var bytes: [UInt8] = []
            bytes.append(littleEndian: id)
            bytes.append(record[2])
            bytes.append(littleEndian: time)
            let kept = SELRecord.hasTimestamp(record[2]) == true ? 7 : 3
            return SELRecord(Array(bytes.prefix(kept)) + record.dropFirst(kept))
        }
    }

    private mutating func append(at now: Duration, _ make: (UInt16, UInt32) -> SELRecord?) -> UInt16? {
        guard !isFull else {
            hasOverflowed = true
            return nil
        }
        let time = clock.seconds(at: now)
        guard let record = make(freeID(), time) else { return nil }
        records.append(record)
        nextID = record.id == Self.lastID ? 1 : record.id + 1
        lastAddition = time
        cancelReservation()
        return record.id
    }

    /// 0000h and FFFFh mean the first and the last (IPMI 2.0 §31.5).
    private static let lastID: UInt16 = 0xFFFE

    private func freeID() -> UInt16 {
        var id = nextID
        // Fewer records than numbers: one is free.
        while records.contains(where: { $0.id == id }) { id = id == Self.lastID ? 1 : id + 1 }
        return id
    }

    mutating func delete(at index: Int, now: Duration) {
        records.remove(at: index)
        lastErase = clock.seconds(at: now)
        cancelReservation()
    }

    mutating func clear(at now: Duration) {
        records = []
        hasOverflowed = false
        lastErase = clock.seconds(at: now)
        cancelReservation()
    }

    // MARK: Reading

    /// Where the record of that number is: 0000h is the first, FFFFh the last.
    func index(of id: UInt16) -> Int? {
        switch id {
        case 0x0000: records.indices.first
        case 0xFFFF: records.indices.last
        default: records.firstIndex { $0.id == id }
        }
    }

    /// The number of the record after that one; FFFFh after the last.
    func id(after index: Int) -> UInt16 { index + 1 < records.count ? records[index + 1].id : 0xFFFF }
}
