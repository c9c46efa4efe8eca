import IPMI
import LabModel
import Testing
import VirtualBMC

@Suite("FreeIPMI")
struct FreeIPMITests {
    @Test("bmc-info learns who the BMC is", arguments: [3, 17])
    func info(suite: Int) async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let info = try await bmc.freeipmi("bmc-info", "-I \(suite)")
            #expect(info.text.contains("IPMI Version"), "\(info)")
            #expect(info.text.lowercased().contains(BMCUnderTest.uuid), "\(info)")
        }
    }

    @Test("ipmi-chassis switches and identifies")
    func chassis() async throws {
        let machine = MemoryChassis(.off)
        try await withBMC(machine) { bmc in
            let up = try await bmc.freeipmi("ipmi-chassis", "--chassis-control=power-up")
            #expect(up.succeeded, "\(up)")
            #expect(machine.actions == [.powerOn])
            let status = try await bmc.freeipmi("ipmi-chassis", "--get-chassis-status")
            #expect(status.succeeded, "\(status)")
            #expect(status.text.contains("System Power                        : on"), "\(status)")
            let lit = try await bmc.freeipmi("ipmi-chassis", "--chassis-identify=FORCE")
            #expect(lit.succeeded && machine.isLit, "\(lit)")
            for question in ["--get-chassis-capabilities", "--get-system-restart-cause"] {
                let answer = try await bmc.freeipmi("ipmi-chassis", question)
                #expect(answer.succeeded, "\(question): \(answer)")
            }
        }
    }

    @Test("ipmipower switches and asks")
    func power() async throws {
        let machine = MemoryChassis(.off)
        try await withBMC(machine) { bmc in
            for word in ["on", "stat", "cycle", "reset", "soft", "off", "stat"] {
                let done = try await bmc.freeipmi("ipmipower", "--\(word)")
                #expect(done.succeeded, "\(word): \(done)")
            }
            #expect(machine.actions == [.powerOn, .powerCycle, .reset, .softOff, .powerOff])
        }
    }

    @Test("ipmi-config sets the boot device and reads it back")
    func bootDevice() async throws {
        let machine = MemoryChassis(.off)
        try await withBMC(machine) { bmc in
            let category = "--category=chassis"
            let set = try await bmc.freeipmi(
                "ipmi-config",
                "\(category) --commit -e Chassis_Boot_Flags:Boot_Device=PXE"
            )
            #expect(set.succeeded, "\(set)")
            #expect(machine.selections.last == BootSelection(.pxe), "\(set)")
            let get = try await bmc.freeipmi("ipmi-chassis", "--get-boot-flags")
            #expect(get.text.contains("Force PXE"), "\(get)")
        }
    }
}
