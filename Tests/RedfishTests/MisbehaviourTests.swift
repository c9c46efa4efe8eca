import IPMI
import LabModel
import NIOHTTP1
import Testing
import VirtualBMC

@testable import Redfish

@Suite("A Redfish service that misbehaves", .timeLimit(.minutes(2)))
struct MisbehaviourTests {
    private let boot: JSON = [
        "Boot": ["BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once"]
    ]

    @Test("answers with the error that it was told, and honestly again", arguments: [401, 429, 500, 503])
    func error(status: Int) async throws {
        try await RedfishUnderTest.with { bmc async throws in
            bmc.bmc.misbehave(.redfishError(status: status), by: .hand)
            #expect(try await bmc.send(.GET, RedfishUnderTest.system).status == status)
            bmc.bmc.behave(by: .hand)
            #expect(try await bmc.send(.GET, RedfishUnderTest.system).status == 200)
            #expect(bmc.bmc.status.misbehaviours.isEmpty)
        }
    }

    @Test("says yes to a change and makes none")
    func unchanged() async throws {
        try await RedfishUnderTest.with { bmc async throws in
            bmc.bmc.misbehave(.redfishUnchanged, by: .hand)
            #expect(try await bmc.send(.PATCH, RedfishUnderTest.system, boot).status == 204)
            #expect(bmc.bmc.status.boot == nil)
            #expect(bmc.bmc.status.misbehaviours.map(\.bites) == [1])
            bmc.bmc.behave(by: .hand)
            #expect(try await bmc.send(.PATCH, RedfishUnderTest.system, boot).status < 300)
            #expect(bmc.bmc.status.boot?.device == "pxe")
        }
    }

    @Test("has a task run on for longer than the caller waits, and does it in the end")
    func slowTask() async throws {
        let machine = MemoryChassis(.off)
        try await RedfishUnderTest.with(machine, patience: .milliseconds(100)) { bmc async throws in
            bmc.bmc.misbehave(.redfishTaskSlow(.seconds(5)), by: .hand)
            let action = RedfishUnderTest.system + "/Actions/ComputerSystem.Reset"
            let reply = try await bmc.send(.POST, action, ["ResetType": "On"])
            #expect(reply.status == 202, "\(reply)")
            #expect(machine.actions == [])
            for _ in 0..<600 where machine.actions.isEmpty { try await Task.sleep(for: .milliseconds(100)) }
            #expect(machine.actions == [.powerOn])
            #expect(bmc.bmc.status.misbehaviours.map(\.bites) == [1])
        }
    }

    @Test("reports a power state that no schema has")
    func malformed() async throws {
        try await RedfishUnderTest.with { bmc async throws in
            bmc.bmc.misbehave(.redfishMalformed, by: .hand)
            #expect(try await bmc.get(RedfishUnderTest.system)["PowerState"]?.int != nil)
            bmc.bmc.behave(by: .hand)
            #expect(try await bmc.get(RedfishUnderTest.system)["PowerState"]?.string != nil)
        }
    }

    @Test("tells the same lie about the power as IPMI does", arguments: [true, false])
    func stuck(isOn: Bool) async throws {
        try await RedfishUnderTest.with { bmc async throws in
            bmc.bmc.misbehave(.powerStuck(isOn: isOn), by: .hand)
            #expect(try await bmc.get(RedfishUnderTest.system)["PowerState"] == (isOn ? "On" : "Off"))
        }
    }
}
