import IPMI
import LabModel
import Testing
import VirtualBMC

@Suite("ipmitool -I lanplus")
struct IPMIToolTests {
    @Test("learns who the BMC is")
    func identity() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let info = try await bmc.ipmitool("mc info")
            #expect(info.succeeded, "\(info)")
            #expect(info.text.contains("IPMI Version              : 2.0"))
            #expect(info.text.contains("Device Available          : yes"))
            let guid = try await bmc.ipmitool("mc guid")
            #expect(guid.succeeded, "\(guid)")
            #expect(guid.text.contains(BMCUnderTest.uuid), "\(guid.text)")
            let test = try await bmc.ipmitool("mc selftest")
            #expect(test.text == "Selftest: passed\n", "\(test)")
        }
    }

    @Test("works with each cipher suite that is switched on", arguments: ["-C 3", "-C 17", ""])
    func ciphers(option: String) async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let status = try await bmc.ipmitool("\(option) power status")
            #expect(status.succeeded, "\(status)")
            #expect(status.text == "Chassis Power is on\n")
        }
    }

    @Test("works with the other suites once they are switched on", arguments: [1, 2, 15, 16])
    func furtherCiphers(suite: Int) async throws {
        try await withBMC(MemoryChassis(.on), suites: CipherSuite.allCases) { bmc in
            let status = try await bmc.ipmitool("-C \(suite) power status")
            #expect(status.succeeded, "\(status)")
        }
    }

    @Test("is refused with a suite that is switched off", arguments: [0, 1, 2, 6, 8, 12, 15, 16])
    func refusedCiphers(suite: Int) async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let status = try await bmc.ipmitool("-C \(suite) -N 1 -R 1 power status")
            #expect(!status.succeeded)
            #expect(!status.text.contains("Chassis Power"))
        }
    }

    @Test("finds the suites")
    func suites() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let list = try await bmc.ipmitool("channel getciphers ipmi 1")
            #expect(list.succeeded, "\(list)")
            let rows = list.text.split(separator: "\n").dropFirst().map { $0.prefix { $0 != " " } }
            #expect(rows == ["3", "17"], "\(list.text)")
        }
    }

    @Test("switches the machine, and says so when it has")
    func power() async throws {
        let machine = MemoryChassis(.off)
        try await withBMC(machine) { bmc in
            for (word, action) in [
                ("on", ChassisAction.powerOn), ("cycle", .powerCycle), ("reset", .reset),
                ("diag", .diagnosticInterrupt), ("soft", .softOff), ("off", .powerOff),
            ] {
                let done = try await bmc.ipmitool("chassis power \(word)")
                #expect(done.succeeded, "\(word): \(done)")
                #expect(machine.actions.last == action)
            }
            #expect(machine.actions.count == 6)
            let status = try await bmc.ipmitool("chassis power status")
            #expect(status.text == "Chassis Power is off\n")
        }
    }

    @Test(
        "is told what makes no sense for a machine that is off",
        arguments: ["cycle", "reset", "soft", "diag"]
    )
    func wrongState(word: String) async throws {
        let machine = MemoryChassis(.off)
        try await withBMC(machine) { bmc in
            let refused = try await bmc.ipmitool("chassis power \(word)")
            #expect(!refused.succeeded)
            #expect(refused.errors.contains("not supported in present state"), "\(refused)")
            #expect(machine.actions.isEmpty)
        }
    }

    @Test("is told when the machine fails")
    func failingMachine() async throws {
        let machine = MemoryChassis(.on, failure: MemoryChassis.Failure())
        try await withBMC(machine) { bmc in
            for command in ["chassis power off", "chassis power on", "chassis bootdev pxe"] {
                let failed = try await bmc.ipmitool(command)
                #expect(failed.errors.contains("ailed: Unspecified error"), "\(command): \(failed)")
            }
            let flags = try await bmc.ipmitool("chassis bootparam get 5")
            #expect(flags.text.contains("Boot Flag Invalid"), "\(flags)")
            #expect(bmc.server.machineBoots(.chassisControl) == nil)
        }
    }

    @Test(
        "reads back the boot device it has set",
        arguments: [
            ("pxe", BootDevice.pxe, "Force PXE"), ("disk", .disk, "Force Boot from default Hard-Drive"),
            ("cdrom", .cdrom, "Force Boot from CD/DVD"), ("bios", .bios, "Force Boot into BIOS Setup"),
        ]
    )
    func bootDevice(word: String, device: BootDevice, shown: String) async throws {
        let machine = MemoryChassis(.off)
        try await withBMC(machine) { bmc in
            let set = try await bmc.ipmitool("chassis bootdev \(word)")
            #expect(set.succeeded, "\(set)")
            #expect(machine.selections == [BootSelection(device)])
            let get = try await bmc.ipmitool("chassis bootparam get 5")
            #expect(get.text.contains("Boot Flag Valid"), "\(get)")
            #expect(get.text.contains("only next boot"))
            #expect(get.text.contains(shown))
        }
    }

    @Test("keeps persistent and EFI")
    func persistentBoot() async throws {
        let machine = MemoryChassis(.off)
        try await withBMC(machine) { bmc in
            let set = try await bmc.ipmitool("chassis bootdev disk options=persistent,efiboot")
            #expect(set.succeeded, "\(set)")
            let wanted = BootSelection(.disk, persistent: true, efi: true)
            #expect(machine.selections == [wanted])
            #expect(bmc.server.machineBoots(.chassisControl) == wanted)
            #expect(bmc.server.machineBoots(.softReset) == wanted)
            let get = try await bmc.ipmitool("chassis bootparam get 5")
            #expect(get.text.contains("apply to all future boots"), "\(get)")
            #expect(get.text.contains("EFI boot"))
        }
    }

    @Test("sees the boot flags spent by one boot")
    func bootOnce() async throws {
        try await withBMC(MemoryChassis(.off)) { bmc in
            #expect(try await bmc.ipmitool("chassis bootdev pxe").succeeded)
            #expect(bmc.server.machineBoots(.chassisControl) == BootSelection(.pxe))
            #expect(bmc.server.machineBoots(.chassisControl) == nil)
            let get = try await bmc.ipmitool("chassis bootparam get 5")
            #expect(get.text.contains("Boot Flag Invalid"), "\(get)")
        }
    }

    @Test("is told that a wish cannot be met", arguments: ["safe", "diag", "floppy", "pxe options=lockkbd"])
    func unmetWish(wish: String) async throws {
        let machine = MemoryChassis(.off)
        try await withBMC(machine) { bmc in
            let set = try await bmc.ipmitool("chassis bootdev \(wish)")
            // Its exit status is 0 whatever the BMC says.
            #expect(set.errors.contains("failed: Invalid data field"), "\(set)")
            #expect(machine.selections.isEmpty)
        }
    }

    @Test("lights the machine and sees that it is lit")
    func identify() async throws {
        let machine = MemoryChassis(.on)
        try await withBMC(machine) { bmc in
            #expect(try await bmc.ipmitool("chassis identify force").succeeded)
            #expect(machine.isLit)
            let status = try await bmc.ipmitool("chassis status")
            #expect(status.succeeded, "\(status)")
            #expect(status.text.contains("System Power         : on"))
            let raw = try await bmc.ipmitool("raw 0x00 0x01")
            #expect(raw.text == " 01 00 60\n", "identify supported and on indefinitely: \(raw)")
            #expect(try await bmc.ipmitool("chassis identify 0").succeeded)
            #expect(!machine.isLit)
        }
    }

    @Test("sets the power restore policy")
    func policy() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            #expect(try await bmc.ipmitool("chassis policy always-on").succeeded)
            let status = try await bmc.ipmitool("chassis status")
            #expect(status.text.contains("Power Restore Policy : always-on"), "\(status)")
            let list = try await bmc.ipmitool("chassis policy list")
            #expect(list.text.contains("always-off always-on previous"), "\(list)")
        }
    }

    @Test("learns why the machine restarted")
    func restartCause() async throws {
        try await withBMC(MemoryChassis(.off)) { bmc in
            #expect(try await bmc.ipmitool("chassis power on").succeeded)
            bmc.server.machineBoots(.chassisControl)
            let cause = try await bmc.ipmitool("chassis restart_cause")
            #expect(cause.text.contains("chassis power control command"), "\(cause)")
            let status = try await bmc.ipmitool("chassis status")
            #expect(status.text.contains("Last Power Event     : command"), "\(status)")
        }
    }

    @Test("sees its own session and its channel")
    func sessions() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let info = try await bmc.ipmitool("session info active")
            #expect(info.succeeded, "\(info)")
            #expect(info.text.contains("privilege level               : ADMINISTRATOR"))
            #expect(info.text.contains("console ip                    : 127.0.0.1"))
            let channel = try await bmc.ipmitool("channel info 1")
            #expect(channel.text.contains("Channel Medium Type   : 802.3 LAN"), "\(channel)")
            #expect(
                channel.text.contains("Active Session Count  : 1"),
                "earlier sessions are closed: \(channel)"
            )
            let capabilities = try await bmc.ipmitool("channel authcap 1 4")
            #expect(capabilities.text.contains("IPMI v2.0"), "\(capabilities)")
        }
    }

    @Test("is told the level that its user may not have")
    func privileges() async throws {
        let machine = MemoryChassis(.on)
        let accounts = [
            Account(name: "root", password: "secret"),
            Account(name: "guest", password: "guest", limit: .user),
        ]
        try await withBMC(machine, accounts: accounts) { bmc in
            let above = try await bmc.ipmitool("-v power status", user: "guest", password: "guest")
            #expect(!above.succeeded)
            #expect(above.errors.contains("nauthorized role"), "\(above)")
            let status = try await bmc.ipmitool("-L USER power status", user: "guest", password: "guest")
            #expect(status.text == "Chassis Power is on\n", "\(status)")
            let off = try await bmc.ipmitool("-L USER power off", user: "guest", password: "guest")
            #expect(!off.succeeded)
            #expect(off.errors.contains("Insufficient privilege"), "\(off)")
            #expect(machine.actions.isEmpty)
        }
    }

    @Test("is told that nobody has that name, or that password", .timeLimit(.minutes(1)))
    func wrongCredentials() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let name = try await bmc.ipmitool("-v power status", user: "nobody")
            #expect(!name.succeeded)
            #expect(name.errors.contains("nauthorized name"), "\(name)")
            let password = try await bmc.ipmitool("-v power status", password: "wrong")
            #expect(!password.succeeded)
            #expect(password.errors.contains("HMAC is invalid"), "\(password)")
        }
    }

    @Test(
        "is told that a command does not exist",
        arguments: ["0x2c 0x00 0x00", "0x30 0x01", "0x06 0x70", "0x00 0x7f"]
    )
    func unknownCommands(command: String) async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let answer = try await bmc.ipmitool("raw \(command)")
            #expect(!answer.succeeded)
            #expect(answer.errors.contains("rsp=0xc1"), "\(answer)")
        }
    }

    @Test("has a slow reset done once, however often it asks again")
    func slowMachine() async throws {
        let machine = MemoryChassis(.on, delay: .seconds(3))
        try await withBMC(machine) { bmc in
            async let status = bmc.ipmitool("power status")
            let reset = try await bmc.ipmitool("power reset")
            #expect(reset.succeeded, "\(reset)")
            #expect(machine.actions == [.reset])
            #expect(try await status.text == "Chassis Power is on\n")
        }
    }

    @Test("is told when the machine takes too long")
    func tooSlowMachine() async throws {
        let machine = MemoryChassis(.on, delay: .seconds(30))
        try await withBMC(machine) { bmc in
            let reset = try await bmc.ipmitool("power reset")
            #expect(!reset.succeeded)
            #expect(reset.errors.contains("Timeout"), "\(reset)")
            let again = try await bmc.ipmitool("power reset")
            #expect(again.errors.contains("Node busy"), "\(again)")
            #expect(machine.actions.isEmpty)
        }
    }

    @Test("leaves a trace of each request")
    func events() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            #expect(try await bmc.ipmitool("chassis power reset").succeeded)
            let control = try #require(bmc.events.all.first { $0.details["command"] == "Chassis Control" })
            #expect(control.event == "ipmi.request")
            #expect(control.node == "ctl01")
            #expect(control.details["user"] == "root")
            #expect(control.details["request"] == "hard reset")
            #expect(control.details["completion"] == "0x00 success")
            #expect(control.details["privilege"] == "administrator")
            let sessions = bmc.events.all.filter { $0.event.hasPrefix("ipmi.session") }
            #expect(sessions.map(\.event) == ["ipmi.session.opened", "ipmi.session.closed"])
            #expect(Set(sessions.map { $0.details["session"] }) == [control.details["session"]])
            #expect(control.details["client"]?.hasPrefix("127.0.0.1:") == true)
        }
    }
}
