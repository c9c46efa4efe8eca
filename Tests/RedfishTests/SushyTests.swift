import Certificates
import FoundationEssentials
import LabModel
import TestSupport
import Testing
import VirtualBMC

@testable import Redfish

/// The client that OpenStack's Ironic speaks Redfish with, from the package index, over TLS that it verifies.
@Suite("sushy", .enabled(if: PythonEnvironment.isOnline, "VLAB_OFFLINE is set"), .timeLimit(.minutes(5)))
struct SushyTests {
    /// Logs in, runs the lines with `root`, `system`, `manager` and `chassis`, and gives back what they printed.
    private func run(
        _ lines: String,
        on bmc: RedfishUnderTest,
        _ arguments: String = ""
    ) async throws -> [String] {
        let python = try await PythonEnvironment.with("sushy==5.14.0")
        return try await withScratchFolder { folder in
            let trusted = "\(folder)/ca.pem"
            try bmc.authority.certificate.write(toFile: trusted, atomically: true, encoding: .utf8)
            let program = """
                import sys
                import sushy
                root = sushy.Sushy('https://127.0.0.1:' + sys.argv[1], username='root', password='secret',
                                   verify=sys.argv[2], server_side_retries=0)
                system = root.get_system()
                manager = root.get_manager()
                chassis = root.get_chassis()
                \(lines)
                """
            let output = try await python.run(program, "\(bmc.port)", trusted, arguments)
            #expect(output.succeeded, "\(output)")
            return output.text.split(separator: "\n").map(String.init)
        }
    }

    @Test("finds what the machine is made of")
    func inspection() async throws {
        try await RedfishUnderTest.with(MemoryChassis(.on), drive: MemoryDrive()) { bmc in
            let said = try await run(
                """
                print(system.uuid, system.serial_number, system.power_state.value)
                print(sorted(system.ethernet_interfaces.summary))
                print(system.processors.summary.count, system.processors.summary.architecture)
                print(system.simple_storage.disks_sizes_bytes)
                print(system.storage.drives_sizes_bytes)
                print(manager.identity, manager.firmware_version, manager.systems[0].uuid == system.uuid)
                print(chassis.identity, chassis.chassis_type)
                print([t.name for t in chassis.thermal.temperatures] != [], len(chassis.power.power_supplies))
                print([m.identity for m in system.virtual_media.get_members()])
                print([m.identity for m in manager.virtual_media.get_members()])
                print(sorted(v.value for v in system.get_allowed_reset_system_values())[0])
                print('Base.1.18.1' in root.registries)
                """,
                on: bmc
            )
            #expect(
                said == [
                    "\(RedfishUnderTest.uuid) PF-1 On", "['52:54:00:00:00:01', '52:54:00:00:00:02']",
                    "2 ProcessorArchitecture.X86", "[2147483648, 4294967296]", "[2147483648, 4294967296]",
                    "BMC 1.00 True", "ctl01 ChassisType.RACK_MOUNT", "True 2", "['Cd']", "['Cd']", "ForceOff",
                    "True",
                ],
                "\(said)"
            )
        }
    }

    @Test("switches and resets the machine")
    func power() async throws {
        let machine = MemoryChassis(.off)
        try await RedfishUnderTest.with(machine) { bmc in
            let said = try await run(
                """
                for value in [sushy.RESET_ON, sushy.RESET_FORCE_RESTART, sushy.RESET_NMI, sushy.RESET_FORCE_OFF]:
                    system.reset_system(value)
                    system.refresh(force=True)
                    print(system.power_state.value)
                try:
                    system.reset_system(sushy.RESET_FORCE_RESTART)
                except sushy.exceptions.HTTPError as error:
                    print(error.status_code, error.code)
                """,
                on: bmc
            )
            #expect(said == ["On", "On", "On", "Off", "409 Base.1.18.1.ResourceInStandby"], "\(said)")
            #expect(machine.actions == [.powerOn, .reset, .diagnosticInterrupt, .powerOff])
        }
    }

    @Test("has the machine boot from somewhere else, once or always, by BIOS or EFI")
    func boot() async throws {
        let machine = MemoryChassis(.on)
        try await RedfishUnderTest.with(machine) { bmc in
            let said = try await run(
                """
                def show():
                    system.refresh(force=True)
                    print(system.boot.target.value, system.boot.enabled.value, system.boot.mode.value)
                print(sorted(v.value for v in system.get_allowed_system_boot_source_values()))
                system.set_system_boot_options(target=sushy.BOOT_SOURCE_TARGET_PXE,
                                               enabled=sushy.BOOT_SOURCE_ENABLED_ONCE,
                                               mode=sushy.BOOT_SOURCE_MODE_UEFI)
                show()
                system.set_system_boot_options(target=sushy.BOOT_SOURCE_TARGET_CD,
                                               enabled=sushy.BOOT_SOURCE_ENABLED_CONTINUOUS)
                show()
                system.set_system_boot_options(enabled=sushy.BOOT_SOURCE_ENABLED_DISABLED,
                                               mode=sushy.BOOT_SOURCE_MODE_BIOS)
                show()
                system.set_indicator_led(sushy.INDICATOR_LED_LIT)
                system.refresh(force=True)
                print(system.indicator_led.value)
                """,
                on: bmc
            )
            #expect(
                said == [
                    "['Cd', 'Hdd', 'None', 'Pxe']", "Pxe Once UEFI", "Cd Continuous UEFI",
                    "Cd Disabled Legacy", "Lit",
                ],
                "\(said)"
            )
            #expect(
                machine.selections == [
                    BootSelection(.pxe, efi: true), BootSelection(.cdrom, persistent: true, efi: true), nil,
                ]
            )
            #expect(machine.actions.isEmpty)
            #expect(machine.isLit)
        }
    }

    @Test("puts an image into the drive and takes it out")
    func media() async throws {
        let drive = MemoryDrive()
        try await RedfishUnderTest.with(drive: drive) { bmc in
            try await ImageServer.with { images in
                let said = try await run(
                    """
                    media = system.virtual_media.get_members()[0]
                    print(media.inserted, media.image)
                    media.insert_media(sys.argv[3])
                    media.refresh(force=True)
                    print(media.inserted, media.image_name, media.write_protected)
                    """,
                    on: bmc,
                    "\(images)/good.iso"
                )
                #expect(said == ["False None", "True good.iso True"], "\(said)")
                #expect(drive.image == ImageServer.image)
                let out = try await run(
                    """
                    media = manager.virtual_media.get_members()[0]
                    media.eject_media()
                    media.refresh(force=True)
                    print(media.inserted, media.image)
                    """,
                    on: bmc
                )
                #expect(out == ["False None"], "\(out)")
                #expect(drive.image == nil)
            }
        }
    }

    @Test("is told that its password is wrong")
    func stranger() async throws {
        try await RedfishUnderTest.with { bmc in
            let said = try await run(
                """
                try:
                    sushy.Sushy('https://127.0.0.1:' + sys.argv[1], username='root', password='wrong',
                                verify=sys.argv[2], server_side_retries=0).get_system()
                except sushy.exceptions.AccessError as error:
                    print(error.status_code)
                sessions = root.get_session_service().sessions
                print(len(sessions.get_members()), sessions.get_members()[0].username)
                """,
                on: bmc
            )
            #expect(said == ["401", "1 root"], "\(said)")
        }
    }
}
