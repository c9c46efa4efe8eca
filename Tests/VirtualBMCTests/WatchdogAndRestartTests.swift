import IPMI
import LabModel
import Testing
import TestSupport
import VirtualBMC

@Suite("The BMC by itself")
struct WatchdogAndRestartTests {
    @Test(
        "resets a machine that does not reset the watchdog that ipmitool has started",
        .timeLimit(.minutes(1))
    )
    func watchdog() async throws {
        let machine = MemoryChassis(.on)
        try await withBMC(machine) { bmc in
            let unset = try await bmc.ipmitool("mc watchdog reset")
            #expect(unset.errors.contains("0x80") || unset.errors.contains("ninitialized"), "\(unset)")
            // SMS/OS, hard reset, after ten minutes.
            #expect(try await bmc.ipmitool("raw 0x06 0x24 0x04 0x01 0x00 0x10 0x70 0x17").succeeded)
            #expect(machine.actions.isEmpty)
            #expect(try await bmc.ipmitool("mc watchdog reset").succeeded)
            let running = try await bmc.ipmitool("mc watchdog get")
            #expect(running.text.contains("SMS/OS"), "\(running)")
            #expect(running.text.contains("Hard Reset"), "\(running)")
            #expect(running.text.contains("Started"), "\(running)")
            // The same after two seconds.
            #expect(try await bmc.ipmitool("raw 0x06 0x24 0x04 0x01 0x00 0x10 0x14 0x00").succeeded)
            #expect(try await bmc.ipmitool("mc watchdog reset").succeeded)
            try await eventually("the machine is reset", within: .seconds(30)) {
                machine.actions == [.reset] ? true : nil
            }
            bmc.server.machineBoots(.unknown)
            let cause = try await bmc.ipmitool("chassis restart_cause")
            #expect(cause.text.contains("watchdog expired"), "\(cause)")
            let off = try await bmc.ipmitool("mc watchdog off")
            #expect(off.succeeded, "\(off)")
            #expect(try await bmc.ipmitool("mc watchdog get").text.contains("Stopped"))
        }
    }

    @Test("is away for a while when ipmitool resets it, and then is back", .timeLimit(.minutes(1)))
    func coldReset() async throws {
        try await withBMC(MemoryChassis(.on), downtime: .seconds(10)) { bmc in
            let sent = try await bmc.ipmitool("mc reset cold")
            #expect(sent.text.contains("Sent cold reset command to MC"), "\(sent)")
            let access = "-I lanplus -H 127.0.0.1 -p \(bmc.port) -U root -P secret"
            let away = try await bmc.run("timeout", "1 ipmitool \(access) mc info")
            #expect(away.status == 124, "no answer within a second: \(away)")
            try await eventually("it answers again", within: .seconds(40)) {
                try await bmc.ipmitool("-N 1 mc info").succeeded ? true : nil
            }
            #expect(try await bmc.ipmitool("chassis power status").text == "Chassis Power is on\n")
        }
    }

    @Test("shows ipmitool and FreeIPMI what it keeps of the chassis")
    func chassis() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let hours = try await bmc.ipmitool("chassis poh")
            #expect(hours.succeeded && hours.text.contains("POH Counter"), "\(hours)")
            let status = try await bmc.ipmitool("chassis status")
            #expect(status.text.contains("Power Control Fault  : false"), "\(status)")
            let written = try await bmc.ipmitool(
                "raw 0x00 0x08 0x06 0x01 0x44 0x33 0x22 0x11 0x78 0x56 0x34 0x12"
            )
            #expect(written.succeeded, "\(written)")
            let initiator = try await bmc.ipmitool("chassis bootparam get 6")
            #expect(initiator.text.contains("11223344"), "\(initiator)")
            for (option, shown) in [
                ("--get-power-on-hours-counter", "Power on hours"),
                ("--get-chassis-capabilities", "Diagnostic Interrupt"),
            ] {
                let answer = try await bmc.freeipmi("ipmi-chassis", option)
                #expect(answer.succeeded && answer.text.contains(shown), "\(answer)")
            }
            let interval = try await bmc.freeipmi("ipmi-chassis", "--set-power-cycle-interval=0")
            #expect(interval.succeeded, "\(interval)")
        }
    }
}
