import NIOHTTP1
import Testing

@testable import Redfish

@Suite("The accounts of a Redfish service", .timeLimit(.minutes(2)))
struct AccountTests {
    private let accounts = "/redfish/v1/AccountService/Accounts"

    @Test("are the users of IPMI: added, changed and removed for both")
    func life() async throws {
        try await RedfishUnderTest.with { bmc async throws in
            let new: JSON = ["UserName": "ironic", "Password": "first", "RoleId": "Operator"]
            let added = try await bmc.send(.POST, accounts, new)
            #expect(added.status == 201, "\(added)")
            #expect(added.body["Password"] == .null)
            let place = try #require(added.headers.first(name: "location"))
            #expect(try await bmc.ipmitool("user list 1").contains("ironic"))
            #expect(try await bmc.send(.GET, RedfishUnderTest.system, as: "ironic:first").status == 200)
            #expect(try await bmc.send(.POST, accounts, new).messages == ["ResourceAlreadyExists"])
            let changed = try await bmc.send(.PATCH, place, ["Password": "second"], as: "ironic:first")
            #expect(changed.status == 200, "one's own: \(changed)")
            #expect(try await bmc.send(.GET, RedfishUnderTest.system, as: "ironic:first").status == 401)
            #expect(try await bmc.send(.GET, RedfishUnderTest.system, as: "ironic:second").status == 200)
            let raised = try await bmc.send(.PATCH, place, ["RoleId": "Administrator"], as: "ironic:second")
            #expect(raised.status == 400, "not one's own role: \(raised)")
            #expect(try await bmc.send(.PATCH, place, ["Password": "x"], as: "op:op").status == 403)
            #expect(try await bmc.send(.POST, accounts, new, as: "op:op").status == 403)
            _ = try await bmc.send(.PATCH, place, ["Enabled": false])
            #expect(try await bmc.send(.GET, RedfishUnderTest.system, as: "ironic:second").status == 401)
            #expect(try await bmc.send(.DELETE, place).status == 204)
            #expect(try await bmc.send(.GET, place).status == 404)
            #expect(try await !bmc.ipmitool("user list 1").contains("ironic"))
        }
    }

    @Test("have names and passwords that a BMC can keep")
    func refusals() async throws {
        try await RedfishUnderTest.with { bmc async throws in
            for (name, password) in [
                ("", "x"), ("abcdefghijklmnopq", "x"), ("me", ""), ("me", "123456789012345678901"),
            ] {
                let reply = try await bmc.send(
                    .POST,
                    accounts,
                    ["UserName": .string(name), "Password": .string(password), "RoleId": "Operator"]
                )
                #expect(reply.messages == ["PropertyValueFormatError"], "\(reply)")
            }
            let role = try await bmc.send(
                .POST,
                accounts,
                ["UserName": "me", "Password": "x", "RoleId": "King"]
            )
            #expect(role.messages == ["PropertyValueNotInList"])
        }
    }
}
