import Testing

@testable import IPMI

@Suite("The event filter")
struct EventFilterTests {
    private let console: Console

    init() throws { console = try Console.loggedIn(inventory: .sample) }

    private func pef(_ code: UInt8, _ data: String = "") throws -> Console.Answer {
        try console.command(0x04, code, hex(data))
    }

    /// A filter for the limits of the first CPU's temperature.
    private func arm(actions: String, control: String = "03") throws {
        let filter = """
            06 01           # the first filter
            80              # on
            \(actions) 00 00  # what to do; no policy, no severity
            FF FF           # whoever tells it
            01 20 01        # a temperature, sensor 20h, thresholds
            00 0A           # offsets 9 and 11: upper critical and non-recoverable, going high
            00 00 00 00 00 00 00 00 00
            """
        #expect(try pef(0x12, filter).completion == 0)
        #expect(try pef(0x12, "02 2E").completion == 0, "every action may be taken")
        #expect(try pef(0x12, "01 \(control)").completion == 0)
    }

    private func heat(_ reading: String) throws -> [Action] {
        #expect(try pef(0x30, "20 01 \(reading)").completion == 0)
        return console.bmc.advance(to: console.now)
    }

    private static func controls(_ actions: [Action]) -> [Operation] {
        actions.compactMap { if case .perform(let operation, _) = $0 { operation } else { nil } }
    }

    @Test("says what it can (§30.1)")
    func capabilities() throws {
        #expect(try pef(0x10).data == hex("51 2E 10"), "power down, reset, cycle, interrupt; 16 filters")
        #expect(try pef(0x13, "05 00 00").data == hex("11 10"))
        #expect(try pef(0x13, "08 00 00").data == hex("11 00"), "no alert policies")
        #expect(try pef(0x13, "85 00 00").data == hex("11"), "the revision alone")
        #expect(try pef(0x13, "09 01 00").completion == 0x80)
        #expect(try pef(0x12, "05 10").completion == 0x82)
        #expect(try pef(0x16).completion == 0xC1, "alerts are not sent, at once or later")
    }

    @Test("keeps filters, but none that would do what it cannot (§30.3)")
    func entries() throws {
        let none = "11 01" + String(repeating: " 00", count: 20)
        #expect(try pef(0x13, "06 01 00").data == hex(none))
        try arm(actions: "04")
        #expect(
            try pef(0x13, "06 01 00").data
                == hex("11 01 80 04 00 00 FF FF 01 20 01 00 0A 00 00 00 00 00 00 00 00 00")
        )
        #expect(try pef(0x12, "07 01 00").completion == 0)
        #expect(try pef(0x13, "07 01 00").data == hex("11 01 00"))
        let alert = "06 02 80 01" + String(repeating: " 00", count: 18)
        #expect(try pef(0x12, alert).completion == 0xCC)
        #expect(try pef(0x12, "02 01").completion == 0xCC)
        #expect(try pef(0x13, "06 11 00").completion == 0xC9)
        #expect(try pef(0x13, "06 00 00").completion == 0xC9)
    }

    @Test(
        "has the machine do what a filter says about an event",
        arguments: [
            ("02", ChassisControl.powerDown), ("04", .hardReset), ("08", .powerCycle),
            ("20", .diagnosticInterrupt),
            ("2E", .powerDown), ("0C", .powerCycle),
        ]
    )
    func acts(actions: String, control: ChassisControl) throws {
        try arm(actions: actions)
        #expect(try heat("58") == [], "88 °C is no more than non-critical")
        let done = Self.controls(try heat("60"))
        #expect(done == [console.bmc.chassis.firstStep(of: .control(control))])
        #expect(console.bmc.eventLog.last?.text == "the event filter acts")
        #expect(console.bmc.advance(to: console.now) == [], "once")
        #expect(try pef(0x15).data.suffix(2) == [0x02, 0x00], "the last event that it looked at")
    }

    @Test("is the cause of the boot that it brings about")
    func cause() throws {
        try arm(actions: "04")
        _ = try heat("60")
        _ = console.bmc.boots(.unknown, at: console.now)
        #expect(try console.command(0x00, 0x07).data.first == RestartCause.platformEventReset.rawValue)
    }

    @Test("does nothing while it is off, or the action is not allowed, or the machine is off")
    func idle() throws {
        try arm(actions: "04", control: "00")
        #expect(try heat("60") == [])
        try arm(actions: "04")
        #expect(try pef(0x12, "02 02").completion == 0)
        _ = try heat("20")
        #expect(try heat("60") == [])
        try arm(actions: "04")
        console.bmc.note(.poweredOff, at: console.now)
        _ = try heat("20")
        #expect(try heat("60") == [])
    }

    @Test("waits while software has the events to itself (§30.2)")
    func postponed() throws {
        try arm(actions: "04")
        #expect(try pef(0x11, "FF").data == [0x00])
        #expect(try pef(0x11, "0A").data == [0x0A])
        #expect(try heat("60") == [])
        console.now += .seconds(4)
        #expect(try pef(0x11, "FF").data == [0x06])
        #expect(console.bmc.nextDeadline.map { $0 <= console.now + .seconds(6) } == true)
        console.now += .seconds(6)
        #expect(Self.controls(console.bmc.advance(to: console.now)).count == 1)
        #expect(try pef(0x11, "FE").data == [0xFE], "for good")
        _ = try heat("20")
        #expect(try heat("60") == [])
    }

    @Test("compares an event's data as a filter says (§17.8)")
    func data() {
        func matches(_ comparison: [UInt8], _ value: UInt8) -> Bool {
            let entry = EventFilter.Entry(
                bytes: [0x80, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] + [0, 0, 0] + comparison
                    + [0, 0, 0]
            )
            let event = SensorEvent(sensorType: 1, sensor: 1, eventType: 1, data: [0x59, value, 0])
            return entry.matches(event, generator: 0x20)
        }
        #expect(matches([0x00, 0xFF, 0x00], 0x7F), "masked out")
        #expect(matches([0xFF, 0xFF, 0x7F], 0x7F) && !matches([0xFF, 0xFF, 0x7F], 0x7E), "exactly so")
        #expect(matches([0xF0, 0xFF, 0x70], 0x7E), "as far as the mask goes")
        #expect(
            matches([0xFF, 0x00, 0x03], 0x02) && !matches([0xFF, 0x00, 0x03], 0x04),
            "one of several bits"
        )
    }
}
