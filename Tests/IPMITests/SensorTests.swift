import Synchronization
import Testing

@testable import IPMI

@Suite("Sensors")
struct SensorTests {
    private let console: Console
    private static let (cpu, fan, board): (UInt8, UInt8, UInt8) = (0x20, 0x30, 0x11)

    init() throws { console = try Console.loggedIn(inventory: .sample) }

    private func sensor(_ code: UInt8, _ data: String = "") throws -> Console.Answer {
        try console.command(0x04, code, hex(data))
    }

    /// What is in the log about one sensor: offset, and whether it began.
    private func events(_ name: String) -> [String] {
        console.bmc.eventLog.filter { $0.sensor == name }.map(\.text)
    }

    private func reading(_ name: String) -> SensorReading? {
        console.bmc.readings(at: console.now, machine: console.machine).first { $0.name == name }
    }

    @Test("read what the machine is (§35.14)")
    func readings() throws {
        #expect(
            try sensor(0x2D, "20").data == hex("26 C0 C0"),
            "38 °C, events and scanning on, within limits"
        )
        #expect(try sensor(0x2D, "30").data == hex("3C C0 C0"), "60 × 60 RPM")
        #expect(try sensor(0x2D, "14").data == hex("C8 C0 C0"), "200 × 0.06 V")
        #expect(try sensor(0x2D, "01").data == hex("00 C0 00 80"), "not off")
        #expect(try sensor(0x2D, "02").data == hex("00 C0 01 80"), "S0")
        #expect(try sensor(0x2D, "60").data == hex("00 C0 02 80"), "heartbeat")
        #expect(try sensor(0x2D, "40").data == hex("00 C0 01 80"), "present")
        #expect(try sensor(0x2D, "99").completion == 0xCB)
        #expect(try sensor(0x2D, "").completion == 0xC7)
    }

    @Test("of a machine that is off read only what standby power feeds")
    func off() throws {
        console.isPowered = false
        for number in ["20", "30", "14"] {
            #expect(try sensor(0x2D, number).data == hex("00 E0 C0"), "\(number): no reading")
        }
        #expect(try sensor(0x2D, "10").data == hex("16 C0 C0"), "air comes in at 22 °C")
        #expect(try sensor(0x2D, "12").data == hex("09 C0 C0"), "9 W")
        #expect(try sensor(0x2D, "01").data == hex("00 C0 01 80"))
        #expect(try sensor(0x2D, "02").data == hex("00 C0 40 80"), "S4 or S5")
        #expect(console.bmc.eventLog.isEmpty, "what it was from the beginning has not just happened")
    }

    @Test("follow what the guest does with its processors")
    func load() throws {
        func look() throws -> (cpu: Double, fan: Double, watts: Double) {
            let all = console.bmc.readings(at: console.now, machine: console.machine)
            func value(_ name: String) throws -> Double {
                try #require(all.first { $0.name == name }?.value)
            }
            return (try value("CPU1 Temp"), try value("Fan 1"), try value("Power Draw"))
        }
        let idle = try look()
        // Both processors busy for two minutes.
        for _ in 0..<24 {
            console.now += .seconds(5)
            console.processorTime += .seconds(10)
            _ = try look()
        }
        let busy = try look()
        #expect(busy.cpu > idle.cpu + 20 && busy.fan > idle.fan + 2000)
        #expect(busy.watts == idle.watts + 56)
        // One look after ten quiet minutes: cool again, and the power at once.
        console.now += .seconds(5)
        #expect(try look().watts == idle.watts)
        console.now += .seconds(600)
        let calm = try look()
        #expect(calm.cpu <= idle.cpu + 2 && calm.fan < busy.fan)
    }

    @Test("do not jump when the machine is started anew and its time begins at 0")
    func restart() throws {
        console.processorTime = .seconds(5000)
        _ = try sensor(0x2D, "12")
        console.now += .seconds(10)
        console.processorTime = .seconds(1)
        let watts = try #require(reading("Power Draw")?.value)
        let idle = 45 + 8 * 2 + 0.4 * 2
        #expect(abs(watts - (idle + 56 * 0.05)) <= 1, "\(watts)")
    }

    @Test("ask for the processor time only when somebody reads them, and not more than twice a second")
    func noPolling() throws {
        let asked = Mutex(0)
        let machine = MachineState(isPowered: true) {
            asked.withLock { $0 += 1 }
            return .zero
        }
        func send(_ function: UInt8, _ code: UInt8, _ data: [UInt8] = []) throws {
            _ = console.bmc.receive(
                try console.packet(function, code, data),
                from: console.client,
                at: console.now,
                machine: machine
            )
        }
        for _ in 0..<10 { try send(0x00, 0x01) }
        _ = console.bmc.advance(to: console.now)
        #expect(asked.withLock { $0 } == 0)
        for _ in 0..<10 { try send(0x04, 0x2D, [Self.cpu]) }
        #expect(asked.withLock { $0 } == 1)
        console.now += .seconds(1)
        for _ in 0..<10 { try send(0x04, 0x2D, [Self.cpu]) }
        #expect(asked.withLock { $0 } == 2)
        #expect(console.bmc.nextDeadline != console.now, "and nothing is due for their sake")
    }

    @Test("tell when a limit is crossed, and again when it is over, each once (§42.1)")
    func thresholds() throws {
        func force(_ value: Double?) {
            let known = console.bmc.override(
                sensor: "CPU1 Temp",
                value.map(ForcedReading.value),
                at: console.now,
                machine: console.machine
            )
            #expect(known)
        }
        force(96)
        #expect(
            try console.command(0x0A, 0x43, hex("00 00 01 00 00 FF")).data
                == hex(
                    """
                    02 00 01 00 02 E8 CD 9A 3B 20 00 04
                    01 20 01        # a temperature, sensor 20h, thresholds
                    57 60 55        # upper non-critical going high: 96 °C, limit 85 °C
                    """
                )
        )
        #expect(try sensor(0x2D, "20").data == hex("60 C0 D8"), "upper non-critical and critical")
        #expect(try sensor(0x2B, "20").data == hex("C0 80 02 00 00"), "both asserted")
        force(94)
        force(93.6)
        #expect(events("CPU1 Temp").count == 2, "not back by more than the hysteresis of 2")
        force(92)
        #expect(events("CPU1 Temp").last == "upper critical limit crossed: 92 °C (limit 95 °C): over")
        force(nil)
        #expect(
            events("CPU1 Temp") == [
                "upper non-critical limit crossed: 96 °C (limit 85 °C)",
                "upper critical limit crossed: 96 °C (limit 95 °C)",
                "upper critical limit crossed: 92 °C (limit 95 °C): over",
                "upper non-critical limit crossed: 38 °C (limit 85 °C): over",
            ]
        )
        #expect(reading("CPU1 Temp")?.health == .ok)
        let isKnown = console.bmc.override(
            sensor: "CPU9 Temp",
            .value(1),
            at: console.now,
            machine: console.machine
        )
        #expect(!isKnown)
    }

    @Test("that fail are told of as well")
    func failures() throws {
        func force(_ name: String, _ reading: ForcedReading?) {
            _ = console.bmc.override(sensor: name, reading, at: console.now, machine: console.machine)
        }
        force("Fan 1", .value(0))
        #expect(events("Fan 1").count == 2)
        #expect(reading("Fan 1")?.health == .critical)
        force("Fan 1", .unavailable)
        #expect(try sensor(0x2D, "30").data == hex("00 E0 C0"))
        force("PS1 Status", .states(0x000B))
        #expect(events("PS1 Status") == ["power supply failed", "power supply has lost its input"])
        #expect(reading("PS1 Status")?.health == .critical)
        #expect(try sensor(0x2D, "40").data == hex("00 C0 0B 80"))
        force("PS1 Status", nil)
        #expect(events("PS1 Status").suffix(2).allSatisfy { $0.hasSuffix(": over") })
    }

    @Test("may be set to a reading (§35.17)")
    func setReading() throws {
        #expect(try sensor(0x30, "20 01 5A").completion == 0)
        #expect(try sensor(0x2D, "20").data == hex("5A C0 C8"))
        #expect(events("CPU1 Temp").count == 1)
        #expect(try sensor(0x30, "41 10 00 03 00").completion == 0, "the supply's states")
        #expect(try sensor(0x2D, "41").data == hex("00 C0 03 80"))
        #expect(try sensor(0x30, "20 41 5A").completion == 0x81, "the event's data")
        #expect(try sensor(0x30, "20 10 5A 00 00").completion == 0x80, "states of a sensor of values")
        #expect(try sensor(0x30, "41 10 00 00 01").completion == 0x80, "a state that it has not")
        #expect(try sensor(0x30, "EE 01 00").completion == 0xCB)
    }

    @Test("have limits that may be changed (§35.8 and §35.9)")
    func setThresholds() throws {
        #expect(try sensor(0x27, "20").data == hex("38 00 00 00 55 5F 69"))
        #expect(try sensor(0x26, "20 08 00 00 00 20 00 00").completion == 0)
        #expect(try sensor(0x27, "20").data == hex("38 00 00 00 20 5F 69"))
        #expect(events("CPU1 Temp") == ["upper non-critical limit crossed: 38 °C (limit 32 °C)"])
        #expect(try sensor(0x26, "20 01 05 00 00 00 00 00").completion == 0xCC, "a limit that it has not")
        #expect(try sensor(0x26, "01 08 00 00 00 20 00 00").completion == 0xCD, "a sensor of states")
        #expect(try sensor(0x27, "01").completion == 0xCD)
        #expect(try sensor(0x26, "20 08").completion == 0xC7)
    }

    @Test("have a hysteresis (§35.6 and §35.7)")
    func hysteresis() throws {
        #expect(try sensor(0x25, "20 FF").data == hex("02 02"))
        #expect(try sensor(0x24, "20 FF 00 07").completion == 0)
        #expect(try sensor(0x25, "20 FF").data == hex("00 07"))
        #expect(try sensor(0x24, "20 00 00 07").completion == 0xCC)
        #expect(try sensor(0x24, "02 FF 00 07").completion == 0xCD)
    }

    @Test("are silent where they were told to be (§35.10 and §35.11)")
    func eventEnable() throws {
        #expect(try sensor(0x29, "20").data == hex("C0 80 0A 80 0A"))
        #expect(try sensor(0x28, "20 E0 80 02 00 00").completion == 0, "without 7 and 9 on assertion")
        #expect(try sensor(0x29, "20").data == hex("C0 00 08 80 0A"))
        #expect(try sensor(0x30, "20 01 60").completion == 0)
        #expect(events("CPU1 Temp").isEmpty)
        #expect(try sensor(0x28, "20 40").completion == 0, "no events at all")
        #expect(try sensor(0x2D, "20").data == hex("60 40 D8"))
        #expect(try sensor(0x28, "20 80").completion == 0, "no scanning")
        #expect(try sensor(0x2D, "20").data == hex("00 A0 C0"))
        #expect(try sensor(0x28, "20 F0 80 02 00 00").completion == 0xCC)
        #expect(try sensor(0x28, "20 D0 00 70").completion == 0xCC, "events that it has not")
    }

    @Test("tell once more what still holds when they are re-armed (§35.12)")
    func rearm() throws {
        #expect(try sensor(0x30, "20 01 60").completion == 0)
        #expect(events("CPU1 Temp").count == 2)
        #expect(try sensor(0x2A, "20 80 80 00").completion == 0, "the non-critical one")
        #expect(events("CPU1 Temp").count == 3)
        #expect(try sensor(0x2A, "20 00").completion == 0, "all")
        #expect(events("CPU1 Temp").count == 5)
    }

    @Test("say what they are and how their readings count (§35.5 and §35.16)")
    func factors() throws {
        #expect(try sensor(0x2F, "20").data == hex("01 01"))
        #expect(try sensor(0x2F, "03").data == hex("23 6F"))
        #expect(try sensor(0x23, "14 C8").data == hex("C9 06 00 00 00 00 E0"), "6 × 10⁻²")
        #expect(try sensor(0x23, "30 FF").data == hex("FF 3C 00 00 00 00 00"))
        #expect(try sensor(0x23, "03 00").completion == 0xCD)
    }

    @Test("of the power unit and the links tell of changes, once, whoever notices first")
    func states() throws {
        _ = try sensor(0x2D, "01")
        console.isPowered = false
        _ = try sensor(0x2D, "01")
        console.bmc.note(.poweredOff, at: console.now)
        #expect(events("Power Unit") == ["power off"])
        console.bmc.note(.poweredOn, at: console.now)
        console.isPowered = true
        _ = try sensor(0x2D, "01")
        #expect(events("Power Unit") == ["power off", "power off: over"])
        console.bmc.note(.link(nic: 0, up: false), at: console.now)
        #expect(try sensor(0x2D, "60").data == hex("00 C0 01 80"))
        console.bmc.note(.link(nic: 0, up: false), at: console.now)
        console.bmc.note(.link(nic: 40, up: false), at: console.now)
        #expect(events("Link eth0") == ["link down"])
    }

    @Test("stand any request", arguments: UInt64(1)...20)
    func walk(seed: UInt64) throws {
        var random = Seeded(seed)
        let commands = Command.all.filter { command in
            switch command {
            case .sensor, .storage, .dcmi: true
            case .app, .payload, .watchdog, .chassis, .transport: false
            }
        }
        let numbers = console.bmc.sensors.sensors.map(\.number)
        for _ in 0..<400 {
            let (function, code) = try #require(commands.randomElement(using: &random)).code
            var data = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if !data.isEmpty, Bool.random(using: &random) {
                data[0] = function == 0x2C ? 0xDC : numbers.randomElement(using: &random) ?? 0
            }
            let answer = try console.command(function, code, data)
            #expect(answer.completion == 0 || answer.data.isEmpty || answer.completion == 0x80)
            console.now += .milliseconds(Int.random(in: 0...2000, using: &random))
            console.processorTime += .milliseconds(Int.random(in: 0...4000, using: &random))
            if Int.random(in: 0..<20, using: &random) == 0 { console.isPowered.toggle() }
        }
        #expect(console.bmc.eventLog.count <= SystemEventLog.capacity)
    }
}
