import Lab
import LabModel
import Testing

@Suite("A machine")
struct MachineTests {
    private static let networkOnce = Machine.BootChoice(device: .pxe, isPersistent: false)

    @Test("keeps a choice that holds once until its firmware has made use of it")
    func onceUntilUsed() async throws {
        let (machine, hypervisor) = Machine.alone()
        try await machine.choose(Self.networkOnce)
        try await machine.perform(.on)
        #expect(await hypervisor.operations == [.start(order: [.pxe, .disk])])
        // Firmware may reset the machine once more while it starts: the choice must outlast that.
        await machine.says("SeaBIOS (version 1.16.2)")
        await machine.note(.rebooted)
        #expect(await hypervisor.order == [.pxe, .disk])
        await machine.says("iPXE initialising devices...ok")
        #expect(await hypervisor.order == [.disk, .pxe])
    }

    @Test("takes a choice back before a reset that comes sooner than its firmware")
    func onceBeforeReset() async throws {
        let (machine, hypervisor) = Machine.alone()
        try await machine.choose(Self.networkOnce)
        try await machine.perform(.on)
        try await machine.perform(.reset)
        #expect(await hypervisor.order == [.disk, .pxe])
    }

    @Test("uses up a choice by a reset that is asked for, however soon after power-on")
    func resetSoon() async throws {
        let (machine, hypervisor) = Machine.alone()
        try await machine.perform(.on)
        try await machine.choose(Self.networkOnce)
        try await machine.perform(.reset)
        await machine.note(.rebooted)
        #expect(machine.boots == 2)
        await machine.says("iPXE initialising devices...ok")
        #expect(await hypervisor.order == [.disk, .pxe])
    }

    @Test("boots by a persistent choice each time, until it is taken back")
    func persistent() async throws {
        let (machine, hypervisor) = Machine.alone()
        try await machine.choose(Machine.BootChoice(device: .pxe, isPersistent: true))
        for _ in 1...2 {
            try await machine.perform(.on)
            await machine.says("iPXE initialising devices...ok")
            #expect(await hypervisor.order == [.pxe, .disk])
            try await machine.perform(.off)
        }
        try await machine.choose(nil)
        try await machine.perform(.on)
        #expect(await hypervisor.order == [.disk, .pxe])
    }

    @Test("counts resets that come in a storm as one boot")
    func storm() async throws {
        let (machine, _) = Machine.alone()
        try await machine.perform(.on)
        for _ in 1...5 { await machine.note(.rebooted) }
        #expect(machine.boots == 1)
    }

    @Test(
        "refuses what makes no sense while it is off",
        arguments: [PowerAction.reset, .cycle, .soft, .interrupt]
    )
    func refuses(_ action: PowerAction) async throws {
        let (machine, hypervisor) = Machine.alone()
        let error = await #expect(throws: PowerError.self) { try await machine.perform(action) }
        #expect(error?.isWrongState == true)
        #expect(await hypervisor.operations.isEmpty)
    }
}
