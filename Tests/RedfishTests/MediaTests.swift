import NIOHTTP1
import Testing

@testable import Redfish

@Suite("Virtual media", .timeLimit(.minutes(2)))
struct MediaTests {
    private let drive = "\(RedfishUnderTest.system)/VirtualMedia/Cd"
    private let old = "\(RedfishUnderTest.manager)/VirtualMedia/Cd"
    private var insert: String { "\(drive)/Actions/VirtualMedia.InsertMedia" }
    private var eject: String { "\(drive)/Actions/VirtualMedia.EjectMedia" }

    @Test("is one drive at two places, in which there is what was put in")
    func attach() async throws {
        let machine = MemoryDrive()
        try await RedfishUnderTest.with(drive: machine) { bmc in
            try await ImageServer.with { images in
                let image = "\(images)/good.iso"
                let reply = try await bmc.send(.POST, insert, ["Image": .string(image)])
                #expect(reply.status == 204, "\(reply)")
                #expect(machine.image == ImageServer.image)
                for place in [drive, old] {
                    let media = try await bmc.get(place)
                    #expect(media["Inserted"] == true)
                    #expect(media["Image"] == .string(image))
                    #expect(media["ConnectedVia"] == "URI")
                }
                let second = try await bmc.send(.POST, insert, ["Image": .string(image)])
                #expect(second.status == 409, "\(second)")
                let out = try await bmc.send(.POST, "\(old)/Actions/VirtualMedia.EjectMedia")
                #expect(out.status == 204, "\(out)")
                #expect(machine.image == nil)
                #expect(try await bmc.get(drive)["Inserted"] == false)
                #expect(try await bmc.send(.POST, eject).messages == ["NoOperation"])
            }
        }
    }

    @Test("is fetched while a task tells how far it is")
    func slow() async throws {
        let machine = MemoryDrive()
        try await RedfishUnderTest.with(drive: machine, patience: .zero) { bmc in
            try await ImageServer.with { images in
                let reply = try await bmc.send(.POST, insert, ["Image": .string("\(images)/slow.iso")])
                #expect(reply.status == 202, "\(reply)")
                #expect(try await bmc.get(drive)["Inserted"] == false, "not before it is")
                #expect(try await bmc.send(.POST, eject).status == 409)
                let task = try #require(reply.body["@odata.id"]?.string)
                while try await bmc.get(task)["TaskState"] == "Running" {
                    try await Task.sleep(for: .milliseconds(50))
                }
                #expect(try await bmc.get(task)["TaskState"] == "Completed")
                #expect(try await bmc.get(drive)["Inserted"] == true)
                #expect(machine.image == ImageServer.image)
            }
        }
    }

    @Test("is not in the drive when it could not be fetched or put in")
    func failures() async throws {
        let machine = MemoryDrive()
        try await RedfishUnderTest.with(drive: machine, largestImage: 200_000) { bmc in
            try await ImageServer.with { images in
                for (image, message) in [
                    ("\(images)/none.iso", "CouldNotEstablishConnection"),
                    ("\(images)/secret.iso", "ResourceAtUriUnauthorized"),
                    ("\(images)/good.iso", "ActionParameterValueConflict"),
                    ("nfs://server/image.iso", "ActionParameterValueNotInList"),
                    ("not an address", "ActionParameterValueFormatError"),
                ] {
                    let reply = try await bmc.send(.POST, insert, ["Image": .string(image)])
                    #expect(reply.status == 400, "\(image): \(reply)")
                    #expect(reply.messages == [message], "\(image): \(reply)")
                    #expect(try await bmc.get(drive)["Inserted"] == false)
                }
                for parameters: JSON in [
                    ["Image": "http://a/b", "Inserted": false], ["WriteProtected": false], [:],
                ] {
                    #expect(try await bmc.send(.POST, insert, parameters).status == 400)
                }
                #expect(machine.image == nil)
            }
        }
        try await RedfishUnderTest.with(drive: MemoryDrive(failure: MemoryDrive.Failure())) { bmc in
            try await ImageServer.with { images in
                let reply = try await bmc.send(.POST, insert, ["Image": .string("\(images)/good.iso")])
                #expect(reply.status == 500, "\(reply)")
                #expect(try await bmc.get(drive)["Inserted"] == false)
            }
        }
    }

    @Test("is fetched with the name and password that are given, which are not shown")
    func credentials() async throws {
        let machine = MemoryDrive()
        try await RedfishUnderTest.with(drive: machine) { bmc in
            try await ImageServer.with { images in
                let reply = try await bmc.send(
                    .POST,
                    insert,
                    ["Image": .string("\(images)/secret.iso"), "UserName": "me", "Password": "pw"]
                )
                #expect(reply.status == 204, "\(reply)")
                let media = try await bmc.get(drive)
                #expect(media["UserName"] == "me")
                #expect(media["Password"] == .null)
                #expect(machine.image == ImageServer.image)
            }
        }
    }
}
