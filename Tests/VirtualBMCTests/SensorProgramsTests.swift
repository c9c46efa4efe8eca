import Foundation
import IPMI
import LabModel
import Testing
import VirtualBMC

@Suite("What the BMC senses and keeps, read with programs")
struct SensorProgramsTests {
    /// Runs each command of ipmitool; all must succeed and say what is expected.
    private func expect(
        _ bmc: BMCUnderTest,
        _ commands: KeyValuePairs<String, [String]>,
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        for (command, words) in commands {
            let answer = try await bmc.ipmitool(command)
            #expect(answer.succeeded, "\(command): \(answer)", sourceLocation: location)
            for word in words {
                let comment: Comment = "\(command): no \(word) in \(answer)"
                #expect(answer.text.contains(word), comment, sourceLocation: location)
            }
        }
    }

    @Test("ipmitool reads, fills and clears the event log")
    func eventLog() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "sel-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }  // It is there if the test came so far.
        try await withBMC(MemoryChassis(.on)) { bmc in
            bmc.server.machineEvent(.poweredOff)
            bmc.server.machineEvent(.poweredOn)
            bmc.server.machineBoots(.softReset)
            try await expect(
                bmc,
                [
                    "sel info": ["Entries          : 3", "Overflow         : false"],
                    "sel list": ["Power off/down | Asserted", "System Restart | Asserted"],
                    "sel elist": ["Power Unit Power Unit | Power off/down | Deasserted"],
                    "sel time get": [],
                    "sel get 1": ["Event Direction       : Assertion Event"],
                    "sel save \(file.path)": [],
                    "sel add \(file.path)": [],
                    "sel delete 1": ["Deleted entry 1"],
                    "event 1": [],
                    "sel elist last 1": ["Temperature", "Upper Critical going high"],
                    "sel clear": ["Clearing SEL"],
                    "sel list last 1": ["Log area reset/cleared"],
                ]
            )
            #expect(bmc.server.inspect { $0.eventLog.count } == 1)
            try await expect(bmc, ["sel time set now": []])
        }
    }

    @Test("ipmitool lists the sensors and sets their limits")
    func sensors() async throws {
        let machine = MemoryChassis(.on)
        try await withBMC(machine) { bmc in
            try await expect(
                bmc,
                [
                    "mc info": [
                        "Sensor Device", "SDR Repository Device", "SEL Device", "FRU Inventory Device",
                    ],
                    "sdr info": ["Record Count"],
                    "sdr list": ["Inlet Temp       | 22 degrees C      | ok"],
                    "sdr elist all": ["Dynamic MC @ 20h", "Logical FRU @00h", "S0/G0: working", "3600 RPM"],
                    "sdr type Fan": ["Fan 4"],
                    "sdr type 0x02": ["+3.3V"],
                    "sdr entity 10.2": ["PS2 Status", "PS2 Input"],
                    "sensor list": ["Fan 1            | 3600.000   | RPM        | ok"],
                    "sensor get +12V": ["Upper Critical        : 13.200"],
                    "sensor reading +12V": ["12"],
                    "sensor thresh +12V unc 11.4": [],
                    "sel elist": ["Voltage +12V | Upper Non-critical going high"],
                ]
            )
            let wrong = try await bmc.ipmitool("sensor thresh +12V unr 14")
            #expect(wrong.errors.contains("Invalid data field"), "\(wrong)")
            try await machine.perform(.powerOff)
            try await expect(
                bmc,
                [
                    "sdr list": ["CPU1 Temp        | no reading        | ns", "Power Draw       | 9 Watts"],
                    "sdr elist": ["Power off/down", "S4/S5"],
                ]
            )
        }
    }

    @Test("ipmitool reads and writes the inventory")
    func inventory() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "fru-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }  // It is there if the test came so far.
        try await withBMC(MemoryChassis(.on)) { bmc in
            try await expect(
                bmc,
                [
                    "fru print": [
                        "Chassis Type          : Rack Mount Chassis", "Board Mfg             : vlab",
                    ],
                    "fru read 0 \(file.path)": ["1024 bytes"],
                    "fru write 0 \(file.path)": ["1024 bytes"],
                    "fru edit 0 field p 0 ACME": ["Updating Field"],
                    "fru list": ["Product Manufacturer  : ACME"],
                ]
            )
        }
    }

    @Test("ipmitool asks for power, temperatures and names by DCMI")
    func dcmi() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            try await expect(
                bmc,
                [
                    "dcmi discover": ["Power management available", "512 SEL entries"],
                    "dcmi power reading": ["Instantaneous power reading:                    5", "activated"],
                    "dcmi sensors": ["Inlet: 1 temperature sensor found"],
                    "dcmi get_temp_reading": ["+22 C", "+38 C"],
                    "dcmi set_asset_tag rack7-u3": [],
                    "dcmi asset_tag": ["rack7-u3"],
                    "fru print": ["Product Asset Tag     : rack7-u3"],
                    "dcmi set_mc_id_string bmc-ctl01": [],
                    "dcmi get_mc_id_string": ["bmc-ctl01"],
                    "dcmi get_conf_param": ["64 seconds"],
                    "dcmi power get_limit": ["No Active Power Limit"],
                ]
            )
            let limit = try await bmc.ipmitool("dcmi power activate")
            #expect(limit.errors.contains("d6"), "nothing could hold the machine to a limit: \(limit)")
        }
    }

    @Test("ipmitool reads and sets the event filter")
    func filter() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            try await expect(
                bmc,
                [
                    "pef info": ["Power-off,Reset,Power-cycle,Diagnostic-interrupt"],
                    "pef status": ["0x0000"],
                    "pef capabilities": [],
                    "pef filter list": ["16 | disabled"],
                    "pef filter enable 2": ["enabled"],
                ]
            )
            let list = try await bmc.ipmitool("pef filter list")
            #expect(list.text.contains("2 | enabled"), "\(list)")
        }
    }

    @Test("FreeIPMI reads the log, the sensors, the inventory and the power")
    func freeIPMI() async throws {
        let cache = FileManager.default.temporaryDirectory.appending(path: "sdr-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: cache) }  // What is left does no harm.
        let quiet = "--quiet-cache --sdr-cache-directory=\(cache.path)"
        try await withBMC(MemoryChassis(.on)) { bmc in
            bmc.server.machineEvent(.poweredOff)
            bmc.server.machineEvent(.poweredOn)
            let commands: KeyValuePairs = [
                "bmc-info": "SEL Device            : supported",
                "ipmi-sel --info": "Number of log entries                  : 2",
                "ipmi-sel --output-event-state \(quiet)": "Power Off/Power Down",
                "ipmi-sel --clear \(quiet)": "",
                "ipmi-sel \(quiet)": "Log Area Reset/Cleared",
                "ipmi-sel --delete=3 \(quiet)": "",
                "ipmi-sensors \(quiet)": "3600.00    | RPM",
                "ipmi-sensors --output-sensor-thresholds -v \(quiet)":
                    "Upper Critical Threshold: 95.000000 C",
                "ipmi-sensors --shared-sensors --entity-sensor-names \(quiet)": "Inlet Temp",
                "ipmi-fru \(quiet)": "FRU Product Manufacturer Name: vlab",
                "ipmi-dcmi --get-dcmi-capability-info":
                    "Power Management / Monitoring Support              : Available",
                "ipmi-dcmi --get-system-power-statistics": "Power Measurement                    : Active",
                "ipmi-dcmi --set-asset-tag=rack7": "",
                "ipmi-dcmi --get-asset-tag": "rack7",
                "ipmi-dcmi --get-management-controller-identifier-string": "DCMI",
                "ipmi-dcmi --get-power-limit": "Power Limit Requested                             : 0 watts",
                "ipmi-dcmi --get-dcmi-sensor-info": "CPU Temperature SDR Record IDs",
                "ipmi-config --category=sensors --checkout \(quiet)": "Upper_Critical_Threshold",
                "bmc-device --get-sel-time": "SEL Time",
                "bmc-device --set-sel-time=now": "",
                "bmc-device --get-sel-time-utc-offset": "Unspecified",
                "bmc-device --set-sel-time-utc-offset=60": "",
                "bmc-device --get-sdr-repository-time": "SDR Repository Time",
                "bmc-device --rearm-sensor=11 \(quiet)": "",
            ]
            for (command, words) in commands {
                let program = String(command.prefix { $0 != " " })
                let answer = try await bmc.freeipmi(program, String(command.dropFirst(program.count)))
                let said = answer.text + answer.errors
                let isSaid = words.isEmpty || said.contains(words)
                #expect(answer.succeeded && isSaid, "\(command): \(answer)")
            }
        }
    }

    @Test("What happens to the machine makes the event filter act, without a question from anybody")
    func filterActs() async throws {
        let machine = MemoryChassis(.on)
        try await withBMC(machine) { bmc in
            let any = "0xff 0xff 0x09 0xff 0xff 0xff 0xff 0 0 0 0 0 0 0 0 0"
            for parameter in ["6 1 0x80 4 0 0 \(any)", "2 4", "1 1"] {
                let set = try await bmc.ipmitool("raw 4 0x12 \(parameter)")
                #expect(set.succeeded, "\(set)")
            }
            bmc.server.machineEvent(.poweredOn)
            let limit = ContinuousClock.now + .seconds(30)
            while machine.actions.isEmpty, ContinuousClock.now < limit { await Task.yield() }
            #expect(machine.actions == [.reset])
        }
    }

    @Test("A guest that works makes the machine draw more")
    func load() async throws {
        let machine = MemoryChassis(.on)
        try await withBMC(machine) { bmc in
            func watts() async throws -> Int {
                let answer = try await bmc.ipmitool("raw 0x2c 0x02 0xdc 0x01 0x00 0x00")
                return try #require(Int(answer.text.split(separator: " ")[1], radix: 16))
            }
            let idle = try await watts()
            // More than the machine has processors for, whatever time has passed.
            machine.processorTime = .seconds(3600)
            let limit = ContinuousClock.now + .seconds(30)
            while try await watts() == idle, ContinuousClock.now < limit {}
            #expect(bmc.server.inspect { $0.eventLog.isEmpty })
            let busy = try await bmc.ipmitool("dcmi power reading")
            #expect(
                busy.text.contains("Maximum during sampling period:                 \(idle + 28)"),
                "\(busy)"
            )
        }
    }
}
