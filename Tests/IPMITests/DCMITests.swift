import Testing

@testable import IPMI

@Suite("DCMI")
struct DCMITests {
    private let console: Console

    init() throws { console = try Console.loggedIn(inventory: .sample) }

    private func dcmi(_ code: UInt8, _ data: String) throws -> Console.Answer {
        try console.command(0x2C, code, hex(data))
    }

    @Test("tells what it can, to anybody (§6.1.1)")
    func capabilities() throws {
        #expect(try dcmi(0x01, "DC 01").data == hex("DC 01 05 02 00 01 00"), "power is managed")
        #expect(try dcmi(0x01, "DC 02").data == hex("DC 01 05 02 00 02 05 07 01"), "512 entries")
        #expect(try dcmi(0x01, "DC 03").data == hex("DC 01 05 02 20 00"))
        #expect(try dcmi(0x01, "DC 04").data == hex("DC 01 05 02 01 FF FF"), "channel 1")
        #expect(try dcmi(0x01, "DC 05").data == hex("DC 01 05 02 00"))
        #expect(try dcmi(0x01, "DC 06").completion == 0xCC)
        let request = Request(function: 0x2C, code: 0x01, data: [0xDC, 0x01])
        let answer = console.send(V15Packet(payload: request.encoded).encoded)
        #expect(
            Console.answer(answer)?[20...].dropLast().elementsEqual(hex("00 DC 01 05 02 00 01 00")) == true
        )
    }

    @Test("is one group among others, which are not there")
    func otherGroups() throws {
        #expect(try dcmi(0x01, "00").completion == 0xC1, "PICMG")
        #expect(try dcmi(0x00, "03").completion == 0xC1, "VITA")
        #expect(try dcmi(0x01, "").completion == 0xC1)
    }

    @Test("measures power over time (§6.6.1)")
    func power() throws {
        #expect(
            try dcmi(0x02, "DC 01 00 00").data
                == hex(
                    """
                    DC
                    3E 00 3E 00 3E 00 3E 00  # 62 W now, least, most and on average
                    E8 CD 9A 3B              # when
                    00 00 00 00              # over 0 ms
                    40                       # it measures
                    """
                )
        )
        console.now += .seconds(10)
        console.processorTime += .seconds(20)
        #expect(try dcmi(0x02, "DC 01 00 00").data.prefix(9).elementsEqual(hex("DC 76 00 3E 00 76 00 76 00")))
        console.now += .seconds(10)
        #expect(
            try dcmi(0x02, "DC 01 00 00").data
                == hex("DC 3E 00 3E 00 76 00 5A 00 FC CD 9A 3B 20 4E 00 00 40"),
            "half the time 118 W"
        )
        #expect(try dcmi(0x02, "DC 02 00 00").completion == 0xCC, "no rolling averages")
    }

    @Test("has no limit of power, and says so")
    func limit() throws {
        let limit = try dcmi(0x03, "DC 00 00")
        #expect(limit.completion == 0x80 && limit.data.count == 14)
        #expect(try dcmi(0x04, "DC 00 00 00 01 64 00 E8 03 00 00 00 00 01 00").completion == 0xD6)
        #expect(try dcmi(0x05, "DC 01 00 00").completion == 0xD6)
    }

    @Test("keeps the asset tag in the inventory (§6.4.2 and §6.4.3)")
    func assetTag() throws {
        #expect(try dcmi(0x06, "DC 00 10").data == hex("DC 00"))
        #expect(try dcmi(0x08, "DC 00 05 72 61 63 6B 37").data == hex("DC 05"))
        #expect(try dcmi(0x06, "DC 02 02").data == hex("DC 05 63 6B"))
        #expect(console.bmc.storage.fru.assetTag == Array("rack7".utf8))
        #expect(try dcmi(0x08, "DC 05 02 2D 31").data == hex("DC 07"), "its second part")
        #expect(try dcmi(0x06, "DC 00 10").data == hex("DC 07 72 61 63 6B 37 2D 31"))
        #expect(try dcmi(0x08, "DC 09 01 31").completion == 0xC9, "beyond its end")
        #expect(try dcmi(0x08, "DC 00 05 31").completion == 0xC7)
        #expect(try dcmi(0x06, "DC 09 01").completion == 0xC9)
        #expect(try dcmi(0x06, "DC 00 11").completion == 0xCA)
    }

    @Test("has a name for the controller (§6.4.6)")
    func controllerID() throws {
        #expect(
            try dcmi(0x09, "DC 00 10").data == hex("DC 11") + Array("DCMI525400000b0c".utf8),
            "17 bytes with the zero"
        )
        #expect(try dcmi(0x09, "DC 10 10").data == hex("DC 11 00"))
        #expect(try dcmi(0x0A, "DC 00 04 62 6D 63 00").completion == 0)
        #expect(try dcmi(0x09, "DC 00 10").data == hex("DC 04 62 6D 63 00"))
    }

    @Test("finds the temperatures (§6.5.2 and §6.7.3)")
    func temperatures() throws {
        let cpus = try dcmi(0x07, "DC 01 41 00 01").data
        #expect(cpus.prefix(3).elementsEqual(hex("DC 02 02")))
        let record = try console.command(0x0A, 0x23, [0, 0, cpus[3], cpus[4], 0, 0xFF]).data
        #expect(record[9] == 0x20, "the record of the first CPU's sensor")
        #expect(try dcmi(0x07, "DC 01 03 00 02").data.count == 5, "from the second on")
        #expect(try dcmi(0x10, "DC 01 40 00 01").data == hex("DC 01 01 16 01"), "22 °C")
        #expect(try dcmi(0x10, "DC 01 41 02 01").data == hex("DC 02 01 27 02"), "39 °C")
        console.isPowered = false
        #expect(try dcmi(0x10, "DC 01 41 00 01").data == hex("DC 02 00"), "not while it is off")
        #expect(try dcmi(0x10, "DC 02 41 00 01").completion == 0xCC, "only temperatures")
    }

    @Test("has no DHCP to set up (§6.1.2 and §6.1.3)")
    func configuration() throws {
        #expect(try dcmi(0x13, "DC 02 00").data == hex("DC 01 05 01 00"))
        #expect(try dcmi(0x13, "DC 04 00").data == hex("DC 01 05 01 78 00"))
        #expect(try dcmi(0x13, "DC 09 00").completion == 0x80)
        #expect(try dcmi(0x12, "DC 01 00 01").completion == 0x82)
    }
}
