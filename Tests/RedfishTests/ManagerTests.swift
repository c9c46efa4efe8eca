import LabModel
import NIOHTTP1
import TestSupport
import Testing

@testable import Redfish

@Suite("The manager of a Redfish service", .timeLimit(.minutes(2)))
struct ManagerTests {
    private let reset = "\(RedfishUnderTest.manager)/Actions/Manager.Reset"

    @Test(
        "restarts, is away meanwhile for both protocols, and knows no session any more; the machine runs on"
    )
    func restart() async throws {
        let machine = MemoryChassis(.on)
        try await RedfishUnderTest.with(machine) { bmc in
            let sessions = "/redfish/v1/SessionService/Sessions"
            let open = try await bmc.send(
                .POST,
                sessions,
                ["UserName": "root", "Password": "secret"],
                as: nil
            )
            let mine = ["X-Auth-Token": try #require(open.headers.first(name: "x-auth-token"))]
            let reply = try await bmc.send(.POST, reset, ["ResetType": "GracefulRestart"])
            #expect(reply.status == 204, "\(reply)")
            #expect(bmc.service.isOffline)
            await #expect(throws: (any Error).self, "nobody answers") {
                try await bmc.send(.GET, RedfishUnderTest.system)
            }
            try await eventually("an answer", within: .seconds(20)) { bmc.service.isOffline ? nil : true }
            #expect(try await bmc.get(RedfishUnderTest.system)["PowerState"] == "On")
            #expect(try await bmc.send(.GET, RedfishUnderTest.system, as: nil, headers: mine).status == 401)
            #expect(machine.actions.isEmpty)
        }
    }

    @Test("moves with its BMC: it answers at the new address, in its name, and leaves the old one")
    func move() async throws {
        try await RedfishUnderTest.with { bmc in
            let set = try await bmc.ipmitool("lan set 1 ipaddr 127.0.0.77")
            #expect(set.contains("127.0.0.77"), "\(set)")
            let manager = try await eventually("an answer at the new address", within: .seconds(50)) {
                () async -> RedfishUnderTest.Reply? in
                do {
                    return try await bmc.send(
                        .GET,
                        "\(RedfishUnderTest.manager)/EthernetInterfaces/eth0",
                        at: "127.0.0.77"
                    )
                } catch { return nil }
            }
            #expect("\(manager)".contains("127.0.0.77"), "\(manager)")
            try await eventually("the old address is left", within: .seconds(50)) { () async -> Bool? in
                do {
                    _ = try await bmc.send(.GET, RedfishUnderTest.root)
                    return nil
                } catch { return true }
            }
            let back = try await bmc.send(.GET, RedfishUnderTest.root, at: "127.0.0.77")
            #expect(back.status == 200)
        }
    }

    @Test("is restarted by who may configure it alone, in the ways that there are")
    func refusals() async throws {
        try await RedfishUnderTest.with { bmc in
            #expect(
                try await bmc.send(.POST, reset, ["ResetType": "ForceRestart"], as: "op:op").status == 403
            )
            let wrong = try await bmc.send(.POST, reset, ["ResetType": "Nmi"])
            #expect(wrong.messages == ["ActionParameterValueNotInList"], "\(wrong)")
            #expect(!bmc.service.isOffline)
        }
    }
}
