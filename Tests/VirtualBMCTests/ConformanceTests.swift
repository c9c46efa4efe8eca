import IPMI
import LabModel
import Testing
import VirtualBMC

/// Every command that ipmitool and FreeIPMI have and that applies, one after the other against one BMC.
@Suite("Every command of", .timeLimit(.minutes(5)))
struct ConformanceTests {
    /// A command and what must be in its answer; one that fails says so in its answer.
    struct Check: Sendable, CustomTestStringConvertible {
        var command: String
        var answer: String
        init(_ command: String, _ answer: String = "") { (self.command, self.answer) = (command, answer) }
        var testDescription: String { command }
    }

    /// What programs print when something went wrong, some of them with exit status 0.
    private static let complaints = [
        "failed", "Invalid command", "rsp=0x", "unsupported\n", "Error ", "Unable to",
        "not supported in present",
    ]

    private func run(_ checks: [Check], _ ask: (String) async throws -> BMCUnderTest.Output) async throws {
        for check in checks {
            let output = try await ask(check.command)
            #expect(output.succeeded, "\(check.command): \(output)")
            #expect(output.text.contains(check.answer), "\(check.command): \(output)")
            for complaint in Self.complaints {
                #expect(!output.errors.contains(complaint), "\(check.command): \(output)")
            }
        }
    }

    // MARK: ipmitool

    static let chassis = [
        Check("chassis power status", "Chassis Power is off"), Check("chassis power on", "Up/On"),
        Check("power status", "Chassis Power is on"), Check("chassis power cycle", "Cycle"),
        Check("chassis power reset", "Reset"), Check("chassis power diag", "Diag"),
        Check("chassis status", "System Power         : on"), Check("chassis power soft", "Soft"),
        Check("chassis power off", "Down/Off"), Check("power on"), Check("power reset"), Check("power off"),
        Check("chassis identify", "default (15 seconds)"), Check("chassis identify 5", "5 seconds"),
        Check("chassis identify force", "indefinite"), Check("chassis identify 0", "off"),
        Check("chassis policy list", "always-off always-on previous"),
        Check("chassis policy always-on", "to always-on"),
        Check("chassis status", "Power Restore Policy : always-on"),
        Check("chassis policy always-off", "to always-off"), Check("chassis policy previous", "to previous"),
        Check("chassis status", "Power Restore Policy : previous"),
        Check("chassis restart_cause", "System restart cause:"),
        Check("chassis selftest", "Self Test Results"),
        Check("chassis bootdev pxe", "to pxe"), Check("chassis bootparam get 5", "Force PXE"),
        Check("chassis bootdev disk", "to disk"), Check("chassis bootparam get 5", "default Hard-Drive"),
        Check("chassis bootdev cdrom", "to cdrom"), Check("chassis bootparam get 5", "CD/DVD"),
        Check("chassis bootdev bios", "to bios"), Check("chassis bootparam get 5", "BIOS Setup"),
        Check("chassis bootdev none", "to none"), Check("chassis bootparam get 5", "No override"),
        Check("chassis bootdev disk options=persistent"),
        Check("chassis bootparam get 5", "all future boots"), Check("chassis bootdev pxe options=efiboot"),
        Check("chassis bootparam get 5", "BIOS EFI boot"),
        Check("chassis bootparam set bootflag force_pxe", "force_pxe"),
        Check("chassis bootparam get 0", "set complete"),
        Check("chassis bootparam get 3", "valid bit clearing"),
        Check("chassis bootparam get 4", "Boot Info Acknowledge"), Check("raw 0x00 0x08 0x03 0x08", ""),
        Check("raw 0x00 0x09 0x03 0x00 0x00", "01 03 08"),
    ]

    static let management = [
        Check("mc info", "IPMI Version              : 2.0"), Check("bmc info", "Device ID"),
        Check("mc guid", BMCUnderTest.uuid), Check("mc getenables", "System Event Logging"),
        Check("mc getsysinfo system_name"), Check("mc setsysinfo system_name host1"),
        Check("mc getsysinfo system_name", "host1"), Check("raw 0x06 0x01", "20 "), Check("raw 0x06 0x04"),
    ]

    static let access = [
        Check("user list", "root"), Check("user list 1", "ADMINISTRATOR"),
        Check("user summary", "Maximum IDs"),
        Check("user set name 3 joe"), Check("user set password 3 joespass", "successful"),
        Check("user test 3 16 joespass", "Success"), Check("user enable 3"),
        Check("user priv 3 2 1", "successful"), Check("user list 1", "joe"),
        Check("channel setaccess 1 3 privilege=3", "successful"), Check("channel getaccess 1 3", "OPERATOR"),
        Check("user disable 3"), Check("channel info", "802.3 LAN"), Check("channel info 1", "multi-session"),
        Check("channel authcap 1 4", "IPMI v2.0"), Check("channel getaccess 1", "Maximum User IDs"),
        Check("channel getaccess 1 2", "root"), Check("channel getciphers ipmi 1", "sha256_128"),
        Check("channel getciphers ipmi", "hmac_sha1_96"), Check("session info active", "ADMINISTRATOR"),
        Check("session info all", "IPMIv2/RMCP+"), Check("session info id 0x1", "slot count"),
    ]

    static let records = [
        Check("sel info", "Version          : 1.5"), Check("sel list", "Asserted"),
        Check("sel elist", "Asserted"),
        Check("sel list 1"), Check("sel list last 1", "Asserted"), Check("sel get 1", "SEL Record ID"),
        Check("sel time get"), Check("sel time set now"), Check("sel delete 1", "Deleted entry"),
        Check("event 1", "Upper Critical going high"), Check("event 2", "Voltage"),
        Check("event 3", "Memory"),
        Check("sel clear", "Clearing SEL"), Check("sel info", "Entries"), Check("sdr info", "Record Count"),
        Check("sdr list", "degrees C"), Check("sdr elist", "degrees C"), Check("sdr list all", "Dynamic MC"),
        Check("sdr list full", "degrees C"), Check("sdr list compact", "ok"),
        Check("sdr list fru", "Log FRU"),
        Check("sdr list mcloc", "Dynamic MC"), Check("sdr type", "Temperature"),
        Check("sdr type Temperature", "degrees C"), Check("sdr type Fan", "Fan 1"),
        Check("sdr entity 55.1", "Inlet"),
        Check("sensor list", "degrees C"), Check("sensor", "degrees C"), Check("fru print", "vlab"),
        Check("fru print 0", "Virtual server"), Check("fru list", "Board Serial"), Check("fru", "Product"),
        Check("dcmi discover", "Power management available"),
        Check("dcmi power reading", "Instantaneous power reading"), Check("dcmi sensors", "Inlet"),
        Check("dcmi asset_tag", "Asset tag"), Check("dcmi set_asset_tag T7", "T7"),
        Check("dcmi asset_tag", "T7"),
        Check("dcmi get_mc_id_string", "DCMI"), Check("dcmi get_conf_param", "DHCP Discovery"),
        Check("dcmi get_temp_reading", "Inlet"), Check("pef info"), Check("pef status"),
        Check("lan print", "IP Address"), Check("lan print 1", "MAC Address"),
    ]

    @Test("ipmitool works", arguments: [chassis, management, access])
    func ipmitool(checks: [Check]) async throws {
        try await withBMC(MemoryChassis(.off)) { bmc in try await run(checks) { try await bmc.ipmitool($0) } }
    }

    @Test("ipmitool about what is recorded and sensed works")
    func ipmitoolRecords() async throws {
        try await withBMC(MemoryChassis(.off)) { bmc in
            bmc.server.machineBoots(.chassisControl)
            try await run(Self.records) { try await bmc.ipmitool($0) }
        }
    }

    // MARK: FreeIPMI

    static let freeipmi = [
        Check("ipmipower --stat", "off"), Check("ipmipower --on", "ok"), Check("ipmipower --stat", "on"),
        Check("ipmipower --cycle", "ok"), Check("ipmipower --reset", "ok"), Check("ipmipower --pulse", "ok"),
        Check("ipmipower --soft", "ok"), Check("ipmipower --off", "ok"),
        Check("ipmi-chassis --get-chassis-capabilities", "Intrusion sensor"),
        Check("ipmi-chassis --chassis-control=power-up"), Check("ipmi-chassis --chassis-control=hard-reset"),
        Check("ipmi-chassis --chassis-control=power-cycle"),
        Check("ipmi-chassis --get-chassis-status", "System Power                        : on"),
        Check("ipmi-chassis --chassis-identify=5"), Check("ipmi-chassis --chassis-identify=TURN-OFF"),
        Check("ipmi-chassis --get-system-restart-cause", "Restart cause"),
        Check("ipmi-chassis --get-boot-flags", "Boot"),
        Check("ipmi-chassis --set-power-restore-policy=restore"),
        Check("ipmi-sel", "Boot"), Check("ipmi-sel --info", "SEL version"), Check("ipmi-sel --tail=1"),
        Check("ipmi-sel --display=1", "1 "), Check("ipmi-sel -v", "Event"),
        Check("ipmi-sel --hex-dump", "RID:"),
        Check("ipmi-sel --output-event-state", "Nominal"), Check("ipmi-sel --delete=1"),
        Check("ipmi-sel --clear"), Check("ipmi-sensors", "Temperature"),
        Check("ipmi-sensors -v", "Entity ID"), Check("ipmi-sensors --sdr-info", "SDR version"),
        Check("ipmi-sensors --list-sensor-types", "Fan"), Check("ipmi-sensors --sensor-types=Fan", "RPM"),
        Check("ipmi-sensors --output-sensor-state", "Nominal"),
        Check("ipmi-sensors --output-sensor-thresholds", "Temperature"), Check("ipmi-fru", "vlab"),
        Check("ipmi-fru -v", "vlab"), Check("bmc-info", "IPMI Version"),
        Check("bmc-info --get-device-id", "Device ID"),
        Check("bmc-info --get-device-guid", BMCUnderTest.uuid),
        Check("bmc-info --get-system-guid", BMCUnderTest.uuid),
        Check("bmc-info --get-channel-info", "802.3 LAN"),
        Check("bmc-info --get-system-info"), Check("bmc-device --get-self-test-results"),
        Check("bmc-device --get-sel-time", "SEL Time"), Check("bmc-device --set-sel-time=now"),
        Check("bmc-device --get-sdr-repository-time", "Time"), Check("bmc-device --get-sel-time-utc-offset"),
        Check("bmc-device --get-acpi-power-state", "ACPI"),
        Check("ipmi-config --category=chassis --checkout", "Chassis_Boot_Flags"),
        Check("ipmi-config --category=sensors --checkout", "Section"),
        Check("ipmi-dcmi --get-dcmi-capability-info", "DCMI"), Check("ipmi-dcmi --set-asset-tag=T1"),
        Check("ipmi-dcmi --get-asset-tag", "T1"),
        Check("ipmi-dcmi --get-management-controller-identifier-string", "DCMI"),
        Check("ipmi-dcmi --get-dcmi-sensor-info", "Inlet"),
        Check("ipmi-dcmi --get-system-power-statistics", "Watts"), Check("ipmi-raw 0 6 1", "rcvd: 01 00"),
        Check("ipmi-raw 0 0 1", "rcvd: 01 00"),
    ]

    @Test("FreeIPMI works")
    func freeipmi() async throws {
        try await withBMC(MemoryChassis(.off)) { bmc in
            bmc.server.machineBoots(.chassisControl)
            try await run(Self.freeipmi) { command in
                let (program, arguments) = command.split(separator: " ", maxSplits: 1).map(String.init).pair
                return try await bmc.freeipmi(program, arguments)
            }
        }
    }

    @Test("both is tried more often than other BMCs were")
    func count() {
        let checks = [Self.chassis, Self.management, Self.access, Self.records, Self.freeipmi]
        #expect(checks.map(\.count).reduce(0, +) > 153)
    }
}

extension [String] {
    /// The first two, of which the second may lack.
    fileprivate var pair: (String, String) { (self[0], count > 1 ? self[1] : "") }
}
