import Testing

@testable import IPMI

@Suite("Records of sensors")
struct SensorRecordTests {
    private let console: Console

    init() throws { console = try Console.loggedIn(inventory: .sample) }

    /// The whole record of a number, and the next number.
    private func record(_ id: UInt16, function: UInt8 = 0x0A, code: UInt8 = 0x23) throws -> ([UInt8], UInt16)
    {
        let answer = try console.command(function, code, [0, 0] + id.littleEndianBytes + [0, 0xFF])
        #expect(answer.completion == 0)
        return (Array(answer.data.dropFirst(2)), UInt16(answer.data[0]) | UInt16(answer.data[1]) << 8)
    }

    private func records() throws -> [[UInt8]] {
        var (id, records): (UInt16, [[UInt8]]) = (0, [])
        repeat {
            let (record, next) = try record(id)
            records.append(record)
            id = next
        } while id != 0xFFFF && records.count < 100
        return records
    }

    private func record(of sensor: UInt8) throws -> [UInt8] {
        try #require(try records().first { $0[3] < 0x03 && $0[7] == sensor })
    }

    @Test("of values are full ones (§43.1)")
    func full() throws {
        #expect(
            try record(of: 0x30).dropFirst(2).elementsEqual(
                hex(
                    """
                    51 01 30     # SDR 1.5, full record, 48 bytes follow
                    20 00 30     # of the BMC, LUN 0, sensor 30h
                    1D 01        # the first fan
                    FF           # settable; all is set at the start; scans and tells
                    68           # re-arms itself; hysteresis and limits can be read and set
                    04 01        # a fan; thresholds
                    05 30        # tells of lower non-critical and critical; compares with both
                    05 00        # and of their ends; no upper ones
                    03 03        # readable, settable
                    00 12 00     # unsigned, RPM
                    00           # linear
                    3C 00 00 00 00 00  # M 60, B 0, exponents 0
                    07 50 A0 32  # nominal, most and least usual: 4800, 9600, 3000 RPM
                    FF 00        # greatest and least reading
                    00 00 00     # no upper limits
                    00 14 1E     # lower: none, 1200, 1800 RPM
                    02 02        # hysteresis
                    00 00 00
                    C5 46 61 6E 20 31  # «Fan 1»
                    """
                )
            )
        )
    }

    @Test("of states are compact ones (§43.2)")
    func compact() throws {
        #expect(
            try record(of: 0x60).dropFirst(2).elementsEqual(
                hex(
                    """
                    51 02 24     # compact record, 36 bytes follow
                    20 00 60
                    0B 01        # the first add-in card
                    E7 40        # no limits, no hysteresis
                    27 6F        # a LAN; states of its own
                    03 00 03 00 03 00  # no heartbeat, heartbeat
                    C0 00 00     # no value
                    01 00        # one sensor
                    00 00 00 00 00 00
                    C9 4C 69 6E 6B 20 65 74 68 30  # «Link eth0»
                    """
                )
            )
        )
    }

    @Test("begin with the BMC and its inventory (§43.8 and §43.9)")
    func locators() throws {
        #expect(
            try record(1).0
                == hex(
                    """
                    01 00 51 12 0E
                    20 00 00     # at 20h, channel 0
                    9F           # what Get Device ID says of it
                    00 00 00 2E 01 00
                    C3 42 4D 43  # «BMC»
                    """
                )
        )
        #expect(try console.command(0x06, 0x01).data[5] == 0x9F)
        #expect(
            try record(2).0
                == hex(
                    """
                    02 00 51 11 19
                    20 00 80 00  # device 0 of the BMC
                    00 10 00     # an inventory behind a controller
                    07 01 00     # of the board
                    CE 56 69 72 74 75 61 6C 20 73 65 72 76 65 72  # «Virtual server»
                    """
                )
        )
    }

    @Test("are as many as the repository says, and all differ (§33.9 and §35.2)")
    func count() throws {
        let records = try records()
        let info = try console.command(0x0A, 0x20).data
        #expect(info[0] == 0x51 && Int(info[1]) == records.count && info[2] == 0)
        #expect(info.suffix(1) == [0x03], "reservations, allocation")
        #expect(Set(records.map { $0[0] }).count == records.count)
        #expect(records.allSatisfy { $0.count == 5 + Int($0[4]) })
        let sensors = Set(records.filter { $0[3] < 0x03 }.map { $0[7] })
        #expect(try console.command(0x04, 0x20).data == [UInt8(sensors.count), 0x01])
        #expect(try console.command(0x04, 0x20, [0x01]).data == [UInt8(records.count), 0x01])
        #expect(records.filter { $0[3] < 0x03 && $0[12] == 0x01 && $0[8] == 0x03 }.count == 2, "CPUs")
        #expect(try record(0xFFFF).0 == records.last)
    }

    @Test(
        "are the same in both repositories and in pieces of any size",
        arguments: [1, 3, 7, 16, 22, 33, 64]
    )
    func pieces(size: Int) throws {
        for (function, info) in [(UInt8(0x0A), UInt8(0x22)), (0x04, 0x22)] {
            let read: UInt8 = function == 0x0A ? 0x23 : 0x21
            let reservation = try console.command(function, info).data
            for expected in try records() {
                var bytes: [UInt8] = []
                while bytes.count < expected.count {
                    let count = UInt8(min(size, expected.count - bytes.count))
                    let slice = reservation + expected.prefix(2) + [UInt8(bytes.count), count]
                    let answer = try console.command(function, read, slice)
                    try #require(answer.completion == 0 && answer.data.count == 2 + Int(count))
                    bytes += answer.data.dropFirst(2)
                }
                #expect(bytes == expected)
            }
        }
    }

    @Test("need a reservation to be read from the middle, and end where they end (§33.12)")
    func limits() throws {
        #expect(try console.command(0x0A, 0x23, hex("00 00 01 00 05 04")).completion == 0xC5)
        let old = try console.command(0x0A, 0x22).data
        let new = try console.command(0x0A, 0x22).data
        #expect(old != new)
        #expect(try console.command(0x0A, 0x23, old + hex("01 00 05 04")).completion == 0xC5)
        #expect(try console.command(0x0A, 0x23, new + hex("01 00 05 04")).completion == 0)
        #expect(try console.command(0x0A, 0x23, new + hex("01 00 05 40")).completion == 0xCA)
        #expect(try console.command(0x0A, 0x23, new + hex("01 00 40 01")).completion == 0xC9)
        #expect(try console.command(0x0A, 0x23, new + hex("99 00 00 FF")).completion == 0xCB)
        #expect(try console.command(0x0A, 0x21).data == [UInt8](repeating: 0, count: 9))
    }
}
