import IPMI
import LabModel
import NIOHTTP1
import Testing
import VirtualBMC

@testable import Redfish

/// A walk through what clients of either protocol do, chosen by a seed; after each step both tell the same.
@Suite("Redfish and IPMI", .timeLimit(.minutes(5)))
struct AgreementTests {
    @Test("answer alike at every moment, whichever of them changes what", arguments: UInt64(1)...4)
    func agree(seed: UInt64) async throws {
        let machine = MemoryChassis(.off)
        var random = Seeded(seed)
        try await RedfishUnderTest.with(machine) { bmc in
            for step in 1...20 {
                let act = try #require(Act.all.randomElement(using: &random))
                try await act.body(bmc, machine)
                let (redfish, ipmi) = (try await Self.redfish(bmc), try await Self.ipmi(bmc))
                #expect(redfish == ipmi, "seed \(seed), step \(step): \(act.name)")
            }
        }
    }

    /// What both can tell.
    struct Picture: Equatable {
        var power: String
        var isLit: Bool
        var policy: String
        var target: String
        var enabled: String
        var mode: String
        var entries: Int
    }

    private static func redfish(_ bmc: RedfishUnderTest) async throws -> Picture {
        let system = try await bmc.get(RedfishUnderTest.system)
        let log = try await bmc.get("\(RedfishUnderTest.manager)/LogServices/SEL/Entries")
        func text(_ name: String) -> String { system["Boot"]?[name]?.string ?? "" }
        return Picture(
            power: system["PowerState"]?.string ?? "",
            isLit: system["LocationIndicatorActive"]?.bool ?? false,
            policy: system["PowerRestorePolicy"]?.string ?? "",
            target: text("BootSourceOverrideTarget"),
            enabled: text("BootSourceOverrideEnabled"),
            mode: text("BootSourceOverrideMode"),
            entries: log["Members@odata.count"]?.int ?? -1
        )
    }

    private static func ipmi(_ bmc: RedfishUnderTest) async throws -> Picture {
        let said = try await bmc.ipmitool(
            "raw 0x00 0x01;raw 0x00 0x09 0x05 0x00 0x00;raw 0x0a 0x40"
        )
        let lines = said.split(separator: "\n").map(String.init)
        func bytes(_ line: Int) throws -> [UInt8] {
            try #require(lines.indices.contains(line), "\(said)")
            return try lines[line].split(separator: " ").map { try #require(UInt8($0, radix: 16), "\(said)") }
        }
        let (status, flags, log) = (try bytes(0), try bytes(1), try bytes(2))
        let devices: [UInt8: String] = [0: "None", 1: "Pxe", 2: "Hdd", 5: "Cd", 6: "BiosSetup"]
        let device = devices[flags[3] >> 2 & 0x0F] ?? "?"
        let isValid = flags[2] & 0x80 != 0 && device != "None"
        return Picture(
            power: status[0] & 1 != 0 ? "On" : "Off",
            isLit: status[2] & 0x30 != 0,
            policy: ["AlwaysOff", "LastState", "AlwaysOn"][Int(status[0] >> 5 & 3)],
            target: device,
            enabled: isValid ? (flags[2] & 0x40 != 0 ? "Continuous" : "Once") : "Disabled",
            mode: flags[2] & 0x20 != 0 ? "UEFI" : "Legacy",
            entries: Int(log[1]) | Int(log[2]) << 8
        )
    }

    /// Something that somebody does.
    struct Act: Sendable {
        var name: String
        var body: @Sendable (RedfishUnderTest, MemoryChassis) async throws -> Void

        private static func ipmi(_ command: String) -> Act {
            Act(name: "ipmitool \(command)") { bmc, _ in _ = try await bmc.ipmitool(command) }
        }

        private static func patch(_ change: JSON) -> Act {
            Act(name: "PATCH \(change.text)") { bmc, _ in
                _ = try await bmc.send(.PATCH, RedfishUnderTest.system, change)
            }
        }

        private static func reset(_ type: String) -> Act {
            Act(name: "Reset \(type)") { bmc, _ in
                let path = "\(RedfishUnderTest.system)/Actions/ComputerSystem.Reset"
                _ = try await bmc.send(.POST, path, ["ResetType": .string(type)])
            }
        }

        static let all: [Act] = [
            .ipmi("power on"), .ipmi("power off"), .ipmi("power reset"), .ipmi("power cycle"),
            .ipmi("chassis bootdev pxe"), .ipmi("chassis bootdev disk options=persistent,efiboot"),
            .ipmi("chassis bootdev cdrom options=efiboot"), .ipmi("chassis bootdev none"),
            .ipmi("chassis identify force"), .ipmi("chassis identify 0"), .ipmi("chassis identify 200"),
            .ipmi("chassis policy always-on"), .ipmi("chassis policy previous"), .ipmi("sel clear"),
            .ipmi("event 1"),
            .reset("On"), .reset("ForceOff"), .reset("ForceRestart"), .reset("PowerCycle"),
            .reset("PushPowerButton"),
            .reset("GracefulRestart"),
            .patch(["Boot": ["BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once"]]),
            .patch(["Boot": ["BootSourceOverrideTarget": "Hdd", "BootSourceOverrideEnabled": "Continuous"]]),
            .patch(["Boot": ["BootSourceOverrideEnabled": "Disabled"]]),
            .patch(["Boot": ["BootSourceOverrideMode": "UEFI", "BootSourceOverrideTarget": "Cd"]]),
            .patch(["Boot": ["BootSourceOverrideTarget": "None"]]),
            .patch(["LocationIndicatorActive": true]), .patch(["IndicatorLED": "Off"]),
            .patch(["PowerRestorePolicy": "AlwaysOff"]), .patch(["PowerRestorePolicy": "LastState"]),
            Act(name: "ClearLog") { bmc, _ in
                _ = try await bmc.send(
                    .POST,
                    "\(RedfishUnderTest.system)/LogServices/SEL/Actions/LogService.ClearLog"
                )
            },
            Act(name: "the machine boots") { bmc, _ in bmc.bmc.machineBoots(.unknown) },
            Act(name: "the machine is powered on") { bmc, _ in bmc.bmc.machineEvent(.poweredOn) },
        ]
    }
}

/// SplitMix64: the same steps for the same seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
