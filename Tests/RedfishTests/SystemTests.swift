import IPMI
import LabModel
import NIOHTTP1
import Testing
import VirtualBMC

@testable import Redfish

@Suite("The system of a Redfish service", .timeLimit(.minutes(2)))
struct SystemTests {
    private let reset = "\(RedfishUnderTest.system)/Actions/ComputerSystem.Reset"

    @Test("is what the pod's files say")
    func description() async throws {
        try await RedfishUnderTest.with { bmc in
            let system = try await bmc.get(RedfishUnderTest.system)
            #expect(system["UUID"] == .string(RedfishUnderTest.uuid))
            #expect(system["SerialNumber"] == "PF-1")
            #expect(system["ProcessorSummary"]?["Count"] == 2)
            #expect(system["MemorySummary"]?["TotalSystemMemoryGiB"] == 0.375)
            let first = try await bmc.get("\(RedfishUnderTest.system)/EthernetInterfaces/eth0")
            #expect(first["MACAddress"] == "52:54:00:00:00:01")
            let disks = try await bmc.get("\(RedfishUnderTest.system)/SimpleStorage/virtio")
            #expect(disks["Devices"]?[1]?["CapacityBytes"] == .int(4 << 30))
        }
    }

    @Test(
        "does what a reset type says",
        arguments: [
            ("On", PowerState.off, [ChassisAction.powerOn], 204), ("ForceOn", .off, [.powerOn], 204),
            ("On", .on, [], 200), ("ForceOff", .on, [.powerOff], 204), ("ForceOff", .off, [], 200),
            ("GracefulShutdown", .on, [.softOff], 204), ("GracefulShutdown", .off, [], 200),
            ("GracefulRestart", .on, [.softOff, .powerOn], 204), ("GracefulRestart", .off, [], 409),
            ("ForceRestart", .on, [.reset], 204), ("ForceRestart", .off, [], 409),
            ("PowerCycle", .on, [.powerCycle], 204), ("PowerCycle", .off, [], 409),
            ("Nmi", .on, [.diagnosticInterrupt], 204), ("Nmi", .off, [], 409),
            ("PushPowerButton", .on, [.softOff], 204), ("PushPowerButton", .off, [.powerOn], 204),
            ("Suspend", .on, [], 400),
        ]
    )
    func resets(type: String, power: PowerState, actions: [ChassisAction], status: Int) async throws {
        let machine = MemoryChassis(power)
        try await RedfishUnderTest.with(machine) { bmc in
            let reply = try await bmc.send(.POST, reset, ["ResetType": .string(type)])
            #expect(reply.status == status, "\(reply)")
            #expect(machine.actions == actions)
            if status == 200 { #expect(reply.messages == ["NoOperation"]) }
            if status == 409 { #expect(reply.messages == ["ResourceInStandby"]) }
            if status == 400 { #expect(reply.messages == ["ActionParameterValueNotInList"]) }
        }
    }

    @Test("does not say that it is done when it failed")
    func failure() async throws {
        let machine = MemoryChassis(.on, failure: MemoryChassis.Failure())
        try await RedfishUnderTest.with(machine) { bmc in
            let reply = try await bmc.send(.POST, reset, ["ResetType": "ForceOff"])
            #expect(reply.status == 500, "\(reply)")
            let patch = try await bmc.send(
                .PATCH,
                RedfishUnderTest.system,
                ["Boot": ["BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once"]]
            )
            #expect(patch.status == 500, "\(patch)")
            let system = try await bmc.get(RedfishUnderTest.system)
            #expect(system["Boot"]?["BootSourceOverrideEnabled"] == "Disabled")
        }
    }

    @Test("gives who does not wait a task, and the task tells how it ended")
    func slow() async throws {
        let machine = MemoryChassis(.off, delay: .seconds(5))
        try await RedfishUnderTest.with(machine, patience: .zero) { bmc in
            let reply = try await bmc.send(.POST, reset, ["ResetType": "On"])
            #expect(reply.status == 202, "\(reply)")
            #expect(reply.body["TaskState"] == "Running")
            let monitor = try #require(reply.headers.first(name: "location"))
            #expect(try await bmc.send(.GET, monitor).status == 202)
            #expect(try await bmc.get(RedfishUnderTest.system)["PowerState"] == "Off")
            let second = try await bmc.send(.POST, reset, ["ResetType": "On"])
            // Refused at once, or by a task of its own.
            #expect([202, 409].contains(second.status), "\(second)")
            let task = try #require(reply.body["@odata.id"]?.string)
            while try await bmc.get(task)["TaskState"] == "Running" {
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try await bmc.get(task)["TaskState"] == "Completed")
            #expect(try await bmc.send(.GET, monitor).status == 204)
            #expect(try await bmc.get(RedfishUnderTest.system)["PowerState"] == "On")
            #expect(machine.actions == [.powerOn], "one at a time")
        }
    }

    @Test(
        "boots once, always or no more from what a change says, by BIOS or EFI, without being touched itself"
    )
    func boot() async throws {
        let machine = MemoryChassis(.on)
        try await RedfishUnderTest.with(machine) { bmc in
            func change(_ boot: JSON) async throws -> JSON? {
                let reply = try await bmc.send(.PATCH, RedfishUnderTest.system, ["Boot": boot])
                #expect(reply.status == 200, "\(reply)")
                return try await bmc.get(RedfishUnderTest.system)["Boot"]
            }
            let once = try await change([
                "BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once",
                "BootSourceOverrideMode": "UEFI",
            ])
            #expect(once?["BootSourceOverrideTarget"] == "Pxe")
            #expect(once?["BootSourceOverrideEnabled"] == "Once")
            #expect(once?["BootSourceOverrideMode"] == "UEFI")
            let always = try await change(["BootSourceOverrideEnabled": "Continuous"])
            #expect(always?["BootSourceOverrideTarget"] == "Pxe", "what is not named stays")
            #expect(always?["BootSourceOverrideEnabled"] == "Continuous")
            let off = try await change(["BootSourceOverrideEnabled": "Disabled"])
            #expect(off?["BootSourceOverrideEnabled"] == "Disabled")
            let cd = try await change(["BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Once"])
            #expect(cd?["BootSourceOverrideTarget"] == "Cd")
            #expect(
                machine.selections == [
                    BootSelection(.pxe, efi: true), BootSelection(.pxe, persistent: true, efi: true), nil,
                    BootSelection(.cdrom, efi: true),
                ]
            )
            #expect(machine.actions.isEmpty, "no change of the boot device touches the machine's power")
            #expect(bmc.bmc.machineBoots(.unknown) == BootSelection(.cdrom, efi: true))
            #expect(bmc.bmc.machineBoots(.unknown) == nil, "once is once")
            let spent = try await bmc.get(RedfishUnderTest.system)
            #expect(spent["Boot"]?["BootSourceOverrideEnabled"] == "Disabled")
        }
    }

    @Test(
        "refuses a change that it cannot make whole, and makes none of it",
        arguments: [
            (["Boot": ["BootSourceOverrideTarget": "Floppy"]], ["PropertyValueNotInList"]),
            (["Boot": ["BootSourceOverrideTarget": 5]], ["PropertyValueTypeError"]),
            (["Boot": ["BootSourceOverrideTarge": "Pxe"]], ["PropertyUnknown"]),
            (
                ["Boot": ["BootSourceOverrideTarget": "None", "BootSourceOverrideEnabled": "Once"]],
                ["PropertyValueConflict"]
            ),
            (["Boot": "Pxe"], ["PropertyValueTypeError"]), (["PowerState": "On"], ["PropertyNotWritable"]),
            (["Colour": "red", "UUID": "1"], ["PropertyUnknown", "PropertyNotWritable"]),
            (["LocationIndicatorActive": true, "Colour": "red"], ["PropertyUnknown"]), ([:], ["EmptyJSON"]),
        ] as [(JSON, [String])]
    )
    func badChanges(change: JSON, messages: [String]) async throws {
        let machine = MemoryChassis(.on)
        try await RedfishUnderTest.with(machine) { bmc in
            let before = try await bmc.get(RedfishUnderTest.system)
            let reply = try await bmc.send(.PATCH, RedfishUnderTest.system, change)
            #expect(reply.status == 400, "\(reply)")
            #expect(reply.messages == messages, "\(reply)")
            #expect(try await bmc.get(RedfishUnderTest.system) == before)
            #expect(machine.selections.isEmpty && !machine.isLit)
        }
    }

    @Test("lights the lamp by which people find it")
    func lamp() async throws {
        let machine = MemoryChassis(.on)
        try await RedfishUnderTest.with(machine) { bmc in
            let reply = try await bmc.send(.PATCH, RedfishUnderTest.system, ["LocationIndicatorActive": true])
            #expect(reply.body["IndicatorLED"] == "Lit", "\(reply)")
            #expect(machine.isLit)
            #expect(
                try await bmc.get("\(RedfishUnderTest.root)/Chassis/ctl01")["LocationIndicatorActive"] == true
            )
            _ = try await bmc.send(.PATCH, RedfishUnderTest.system, ["IndicatorLED": "Off"])
            #expect(!machine.isLit)
        }
    }
}
