import Testing

@testable import IPMI

@Suite("The event log")
struct EventLogTests {
    private let console: Console

    init() throws { console = try Console.loggedIn(inventory: .sample) }

    private func storage(_ code: UInt8, _ data: String = "") throws -> Console.Answer {
        try console.command(0x0A, code, hex(data))
    }

    private func reserve() throws -> [UInt8] { try storage(0x42).data }

    @Test("has what happened to the machine, as records of the sensors that tell it")
    func records() throws {
        console.bmc.note(.poweredOff, at: console.now)
        _ = try console.command(0x00, 0x02, [0x03])
        _ = console.bmc.boots(.unknown, at: console.now + .seconds(1))
        console.bmc.note(.link(nic: 1, up: false), at: console.now + .seconds(2))
        console.bmc.note(.watchdog(.hardReset, use: 4, interrupt: 0), at: console.now + .seconds(3))
        let expected = [
            """
            02 00           # next record
            01 00 02        # record 1, a system event
            E8 CD 9A 3B     # 1,000,001,000 s
            20 00 04        # from the BMC, format of IPMI 2.0
            09 01 6F 00     # power unit, sensor 1, sensor-specific, offset 0: power off
            FF FF
            """,
            """
            03 00 02 00 02 E9 CD 9A 3B 20 00 04
            1D 06 6F        # system boot initiated
            F7 01 01        # system restart: by chassis control, on channel 1
            """,
            """
            04 00 03 00 02 EA CD 9A 3B 20 00 04
            27 61 6F        # LAN, of the second NIC
            00 FF FF        # no heartbeat
            """,
            """
            FF FF 04 00 02 EB CD 9A 3B 20 00 04
            23 03 6F        # watchdog 2
            C1 04 FF        # hard reset; of the operating system's time, without interrupt
            """,
        ]
        for (index, record) in expected.enumerated() {
            let answer = try storage(0x43, "00 00 0\(index + 1) 00 00 FF")
            #expect(answer.completion == 0)
            #expect(answer.data == hex(record), "record \(index + 1)")
        }
    }

    @Test("tells its size and when it changed (§31.2 and §31.3)")
    func info() throws {
        #expect(try storage(0x40).data == hex("51 00 00 00 20 FF FF FF FF FF FF FF FF 0B"))
        console.bmc.note(.poweredOff, at: console.now)
        console.isPowered = false
        #expect(
            try storage(0x40).data
                == hex(
                    """
                    51 01 00       # one entry
                    F0 1F          # room for 8,176 bytes
                    E8 CD 9A 3B    # the last came then
                    FF FF FF FF    # none was deleted
                    0B             # delete, reserve, allocation
                    """
                )
        )
        #expect(try storage(0x41).data == hex("00 02 10 00 FF 01 FF 01 01"))
    }

    @Test("gives the first and the last record by the numbers for them, and says when there is none (§31.5)")
    func ends() throws {
        #expect(try storage(0x43, "00 00 00 00 00 FF").completion == 0xCB)
        #expect(try storage(0x43, "00 00 FF FF 00 FF").completion == 0xCB)
        for _ in 0..<3 { console.bmc.note(.booted(.unknown), at: console.now) }
        #expect(try storage(0x43, "00 00 00 00 00 02").data == hex("02 00 01 00"))
        #expect(try storage(0x43, "00 00 FF FF 00 02").data == hex("FF FF 03 00"))
        #expect(try storage(0x43, "00 00 04 00 00 FF").completion == 0xCB)
        #expect(try storage(0x43, "00 00 01 00 00 11").completion == 0xCA, "17 bytes of a record")
        #expect(try storage(0x43, "00 00 01 00 00").completion == 0xC7)
    }

    @Test("read in pieces of any size is the same", arguments: 1...16)
    func pieces(size: Int) throws {
        console.bmc.note(.booted(.softReset), at: console.now)
        let whole = try storage(0x43, "00 00 01 00 00 FF").data.dropFirst(2)
        let reservation = try reserve()
        var pieces: [UInt8] = []
        while pieces.count < 16 {
            let count = UInt8(min(size, 16 - pieces.count))
            let slice = reservation + [0x01, 0x00, UInt8(pieces.count), count]
            pieces += try console.command(0x0A, 0x43, slice).data.dropFirst(2)
        }
        #expect(pieces == Array(whole))
        #expect(try console.command(0x0A, 0x43, [0xEE, 0xEE, 1, 0, 1, 1]).completion == 0xC5)
    }

    @Test("takes a record from anybody, but gives it its own number and time (§31.6)")
    func add() throws {
        let record = "AA AA 02 00 00 00 00 41 00 04 01 30 01 59 00 00"
        #expect(try storage(0x44, record).data == hex("01 00"))
        #expect(
            try storage(0x43, "00 00 01 00 00 FF").data
                == hex("FF FF 01 00 02 E8 CD 9A 3B 41 00 04 01 30 01 59 00 00")
        )
        let untimed = "AA AA E1 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D"
        #expect(try storage(0x44, untimed).data == hex("02 00"))
        #expect(
            try storage(0x43, "00 00 02 00 00 FF").data
                == hex("FF FF 02 00 E1 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D")
        )
        #expect(try storage(0x44, "00 00 03 00 00 00 00 41 00 04 01 30 01 59 00 00").completion == 0x80)
        #expect(try storage(0x44, "00 00 02").completion == 0xC7)
    }

    @Test("lets go of a record for whoever has reserved it (§31.8)")
    func delete() throws {
        for _ in 0..<3 { console.bmc.note(.booted(.unknown), at: console.now) }
        #expect(try storage(0x46, "00 00 02 00").completion == 0xC5, "without a reservation")
        let old = try reserve()
        let new = try reserve()
        #expect(try console.command(0x0A, 0x46, old + [2, 0]).completion == 0xC5, "somebody else's since")
        #expect(try console.command(0x0A, 0x46, new + [9, 0]).completion == 0xCB)
        #expect(try console.command(0x0A, 0x46, new + [2, 0]).data == [2, 0])
        #expect(try console.command(0x0A, 0x46, new + [1, 0]).completion == 0xC5, "one deletion each")
        #expect(console.bmc.eventLog.map(\.id) == [1, 3])
        #expect(try storage(0x43, "00 00 01 00 00 02").data == hex("03 00 01 00"))
    }

    @Test("is cleared by whoever has reserved it and says CLR, and says so (§31.9)")
    func clear() throws {
        console.bmc.note(.booted(.unknown), at: console.now)
        #expect(try storage(0x47, "00 00 43 4C 52 AA").completion == 0xC5)
        let reservation = try reserve()
        #expect(try console.command(0x0A, 0x47, reservation + hex("43 4C 53 AA")).completion == 0xCC)
        #expect(try console.command(0x0A, 0x47, reservation + hex("43 4C 52 AB")).completion == 0xCC)
        #expect(console.bmc.eventLog.count == 1)
        #expect(try console.command(0x0A, 0x47, reservation + hex("43 4C 52 AA")).data == [0x01])
        #expect(console.bmc.eventLog.map(\.text) == ["event log cleared"])
        #expect(try console.command(0x0A, 0x47, reservation + hex("43 4C 52 00")).data == [0x01], "how far")
        #expect(try console.command(0x0A, 0x47, reservation + hex("43 4C 52 AA")).completion == 0xC5)
    }

    @Test("an event that comes ends a reservation: nobody clears what they have not seen (§31.4)")
    func reservationEnds() throws {
        let reservation = try reserve()
        console.bmc.note(.booted(.unknown), at: console.now)
        #expect(try console.command(0x0A, 0x47, reservation + hex("43 4C 52 AA")).completion == 0xC5)
    }

    @Test("goes by the time that it was told, and keeps the offset of its place (§31.10 to §31.11b)")
    func time() throws {
        #expect(try storage(0x48).data == hex("E8 CD 9A 3B"))
        #expect(try storage(0x49, "00 00 00 40").completion == 0)
        console.now += .seconds(5)
        #expect(try storage(0x48).data == hex("05 00 00 40"))
        #expect(try storage(0x28).data == hex("05 00 00 40"), "the repository's clock is the same")
        #expect(try storage(0x5C).data == hex("FF 07"), "unspecified")
        #expect(try storage(0x5D, "C4 FF").completion == 0, "an hour west")
        #expect(try storage(0x5C).data == hex("C4 FF"))
        #expect(try storage(0x5D, "A1 05").completion == 0xCC, "more than a day")
    }

    @Test("that is full says what it lost, until it is cleared")
    func overflow() throws {
        for _ in 0..<SystemEventLog.capacity { console.bmc.note(.booted(.unknown), at: console.now) }
        #expect(try storage(0x40).data.last == 0x8B, "the alarm that it is almost full took one's place")
        #expect(console.bmc.eventLog.count == SystemEventLog.capacity)
        #expect(console.bmc.eventLog.contains { $0.text == "event log almost full" })
        #expect(try storage(0x44, "00 00 02 00 00 00 00 41 00 04 01 30 01 59 00 00").completion == 0xC4)
        let reservation = try reserve()
        #expect(try console.command(0x0A, 0x47, reservation + hex("43 4C 52 AA")).completion == 0)
        #expect(try storage(0x40).data.last == 0x0B)
        #expect(console.bmc.eventLog.count == 1)
    }

    @Test("numbers its records anew only when all numbers were used")
    func numbers() {
        var log = SystemEventLog(epoch: 0)
        let event = SensorEvent(sensorType: 1, sensor: 1, eventType: 1, data: [0x59, 1, 1])
        log.note(event, at: .zero)
        log.nextID = 0xFFFE
        for _ in 0..<2 { log.note(event, at: .zero) }
        #expect(log.records.map(\.id) == [1, 0xFFFE, 2])
    }

    @Test("takes events of others, with the address that they came from (§29.3)")
    func platformEvent() throws {
        #expect(try console.command(0x04, 0x02, hex("04 01 30 01 59 00 00")).completion == 0)
        #expect(
            try storage(0x43, "00 00 FF FF 00 FF").data.dropFirst(9).elementsEqual(
                hex("81 00 04 01 30 01 59 00 00")
            )
        )
        #expect(try console.command(0x04, 0x02, hex("09 01 30 01 59 00 00")).completion == 0xCC)
        #expect(try console.command(0x04, 0x02, hex("04 01 30")).completion == 0xC7)
    }

    @Test("stays empty when nobody receives events (§29.1)")
    func noReceiver() throws {
        #expect(try console.command(0x04, 0x01).data == [0x20, 0x00])
        #expect(try console.command(0x04, 0x00, [0x24, 0x00]).completion == 0xCC, "no bus to there")
        #expect(try console.command(0x04, 0x00, [0xFF, 0x00]).completion == 0)
        console.bmc.note(.poweredOff, at: console.now)
        console.bmc.note(.booted(.unknown), at: console.now)
        #expect(console.bmc.eventLog.isEmpty)
        #expect(try console.command(0x04, 0x01).data == [0xFF, 0x00])
        #expect(try console.command(0x04, 0x00, [0x20, 0x00]).completion == 0)
        console.bmc.note(.booted(.unknown), at: console.now)
        #expect(console.bmc.eventLog.count == 1)
    }

    @Test("in words")
    func words() throws {
        console.bmc.note(.poweredOff, at: console.now)
        console.bmc.note(.poweredOn, at: console.now)
        _ = console.bmc.boots(.softReset, at: console.now)
        console.bmc.note(.link(nic: 0, up: false), at: console.now)
        console.bmc.note(.link(nic: 0, up: true), at: console.now)
        #expect(
            console.bmc.eventLog.map(\.text) == [
                "power off", "power off: over", "system restart: the system's own reset", "link down",
                "link up",
            ]
        )
        #expect(console.bmc.eventLog.map(\.sensor).last == "Link eth0")
        #expect(console.bmc.eventLog.map(\.severity) == [.ok, .ok, .ok, .warning, .ok])
        #expect(console.bmc.eventLog.first?.time == 1_000_001_000)
        console.bmc.clearEventLog(at: console.now)
        #expect(console.bmc.eventLog.map(\.text) == ["event log cleared"])
    }
}
