import LabModel
import Testing
import TestSupport

@testable import IPMI
@testable import VirtualBMC

@Suite("The serial console over LAN")
struct SerialOverLANTests {
    @Test("is typed at with ipmitool, which hears the answer and sends a break", .timeLimit(.minutes(1)))
    func ipmitool() async throws {
        let serial = MemorySerialPort()
        serial.print("printed before\r\n")
        try await withBMC(MemoryChassis(.on), serial: serial) { bmc in
            let said = try await bmc.solActivate(
                "",
                [
                    .init("SOL Session operational", "root\r"), .init("root\r", "~B"),
                    .init("<break>", "\r~."), .init("terminated", ""),
                ]
            )
            #expect(said.succeeded, "\(said)")
            #expect(serial.typed.hasPrefix("root\r"), "\(serial.typed)")
            #expect(serial.breaks == 1)
            #expect(!said.text.contains("printed before"), "no surprise")
            try await eventually("nobody listens any more", within: .seconds(20)) {
                serial.print("is anybody there?")
                return serial.readers == 0 ? true : nil
            }
        }
    }

    @Test(
        "is typed at with FreeIPMI's ipmiconsole, which hears the answer and sends a break",
        .timeLimit(.minutes(1))
    )
    func ipmiconsole() async throws {
        let serial = MemorySerialPort()
        try await withBMC(MemoryChassis(.on), serial: serial) { bmc in
            let said = try await bmc.talk(
                StandardPort.command(bmc.port, "ipmiconsole -h 127.0.0.1 -u root -p secret".words),
                [.init("[SOL established]", "root\r"), .init("root\r", "&B"), .init("<break>", "&.")]
            )
            #expect(said.text.contains("[closing the connection]"), "\(said)")
            #expect(serial.typed.hasPrefix("root\r"), "\(serial.typed)")
            #expect(serial.breaks == 1)
        }
    }

    @Test("is watched by several, and taken away by anybody who may", .timeLimit(.minutes(1)))
    func severalWatchers() async throws {
        let serial = MemorySerialPort()
        try await withBMC(MemoryChassis(.on), serial: serial) { bmc in
            async let first = bmc.talk(
                StandardPort.command(bmc.port, "ipmiconsole -h 127.0.0.1 -u root -p secret".words),
                [.init("[SOL established]", "one\r"), .init("two", ""), .init("stolen", "")]
            )
            try await eventually("the first types", within: .seconds(20)) {
                serial.typed.contains("one") ? true : nil
            }
            let busy = try await bmc.ipmitool("sol activate")
            #expect(busy.errors.contains("already active on another session"), "\(busy)")
            async let second = bmc.solActivate(
                "instance=2",
                [.init("operational", "two\r"), .init("two\r", ""), .init("three", "\r~.")]
            )
            try await eventually("the second types", within: .seconds(20)) {
                serial.typed.contains("two") ? true : nil
            }
            let status = try await bmc.ipmitool("raw 0x06 0x4a 0x01")
            #expect(status.text == " 04 03 00\n", "\(status)")
            #expect(try await bmc.ipmitool("sol deactivate").succeeded)
            let ended = try await first
            #expect(
                ended.text.contains("SOL session stolen"),
                "each hears all, and is told of the end: \(ended)"
            )
            serial.print("three")
            #expect(try await second.succeeded)
        }
    }

    @Test("sends the last lines of what was printed before to who asks for them", .timeLimit(.minutes(1)))
    func history() async throws {
        let serial = MemorySerialPort()
        for line in ["old\r\n", "newer\r\n", "login: "] { serial.print(line) }
        try await withBMC(MemoryChassis(.on), serial: serial) { bmc in
            #expect(try await bmc.ipmitool("raw 0x0c 0x21 0x01 0xc0 0x02").succeeded)
            let said = try await bmc.solActivate("", [.init("newer\r\nlogin: ", "\r~.")])
            #expect(said.succeeded && !said.text.contains("old"), "\(said)")
        }
    }

    @Test(
        "hears what the machine prints from the moment that it is activated, however late its task begins",
        .timeLimit(.minutes(1))
    )
    func heardAtOnce() async throws {
        let serial = MemorySerialPort()
        let link = SerialLink(serial, node: "host1", events: nil)
        let (heard, told) = AsyncStream<[UInt8]>.makeStream()
        link.settle([ConsoleWatcher(instance: 1, activation: 1, history: 0)]) { bytes, _ in told.yield(bytes)
        }
        serial.print("r")
        serial.print("oot")
        #expect(await heard.prefix(2).reduce([], +) == Array("root".utf8))
        link.settle([]) { _, _ in }
    }

    @Test("has settings that ipmitool shows and changes")
    func settings() async throws {
        try await withBMC(MemoryChassis(.on), serial: MemorySerialPort()) { bmc in
            let info = try await bmc.ipmitool("sol info 1")
            #expect(info.succeeded, "\(info)")
            for line in [
                "Enabled                         : true", "Force Encryption                : true",
                "Privilege Level                 : OPERATOR", "Retry Count                     : 7",
                "Volatile Bit Rate (kbps)        : 115.2", "Payload Port                    : \(bmc.port)",
            ] {
                #expect(info.text.contains(line), "\(line) in \(info)")
            }
            for (name, value, shown) in [
                ("retry-count", "3", "Retry Count                     : 3"),
                ("retry-interval", "50", "Retry Interval (ms)             : 500"),
                ("character-accumulate-level", "10", "Character Accumulate Level (ms) : 50"),
                ("character-send-threshold", "100", "Character Send Threshold        : 100"),
                ("volatile-bit-rate", "9.6", "Volatile Bit Rate (kbps)        : 9.6"),
                ("privilege-level", "admin", "Privilege Level                 : ADMINISTRATOR"),
                ("force-encryption", "false", "Force Encryption                : false"),
                ("enabled", "false", "Enabled                         : false"),
            ] {
                let set = try await bmc.ipmitool("sol set \(name) \(value) 1")
                #expect(set.succeeded, "\(set)")
                let read = try await bmc.ipmitool("sol info 1")
                #expect(read.text.contains(shown), "\(shown) in \(read)")
            }
            let refused = try await bmc.ipmitool("sol activate")
            #expect(refused.errors.contains("disabled"), "\(refused)")
            let payload = try await bmc.ipmitool("sol payload status 1 2")
            #expect(payload.text.contains("User 2 on channel 1 is enabled"), "\(payload)")
            #expect(try await bmc.ipmitool("sol payload disable 1 2").succeeded)
            let off = try await bmc.ipmitool("sol payload status 1 2")
            #expect(off.text.contains("is disabled"), "\(off)")
        }
    }

    @Test("is not there where the machine has no serial port")
    func noPort() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let refused = try await bmc.ipmitool("sol activate")
            #expect(refused.errors.contains("disabled"), "\(refused)")
        }
    }
}
