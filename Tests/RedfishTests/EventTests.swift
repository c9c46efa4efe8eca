import Foundation
import NIOHTTP1
import TestSupport
import Testing
import VirtualBMC

@testable import Redfish

@Suite("Subscribers to events", .timeLimit(.minutes(2)))
struct EventTests {
    private let subscriptions = "/redfish/v1/EventService/Subscriptions"
    private let test = "/redfish/v1/EventService/Actions/EventService.SubmitTestEvent"

    private func subscribe(_ destination: String, on bmc: RedfishUnderTest) async throws -> String {
        let reply = try await bmc.send(
            .POST,
            subscriptions,
            ["Destination": .string(destination), "Protocol": "Redfish", "Context": "mine"]
        )
        #expect(reply.status == 201, "\(reply)")
        return try #require(reply.headers.first(name: "location"))
    }

    @Test("are told of what the event log gets, and of tests, until they leave")
    func delivery() async throws {
        try await RedfishUnderTest.with { bmc in
            try await ImageServer.with(refusals: 1) { address, posts in
                let place = try await subscribe("\(address)/events", on: bmc)
                #expect(try await bmc.get(place)["Context"] == "mine")
                bmc.bmc.machineEvent(.poweredOn)
                let first = try await eventually("an event", within: .seconds(30)) { posts.posts.first }
                let event = try JSON(parsing: first)
                #expect(event["Context"] == "mine")
                let entry = try #require(event["Events"]?[0]?["LogEntry"]?["@odata.id"]?.string)
                #expect(try await bmc.get(entry)["Message"] == event["Events"]?[0]?["Message"])
                let reply = try await bmc.send(.POST, test, ["Message": "hello"])
                #expect(reply.status == 204, "\(reply)")
                try await eventually("the test", within: .seconds(30)) {
                    let said = try posts.posts.map { try JSON(parsing: $0)["Events"]?[0]?["Message"] }
                    return said.contains("hello") ? true : nil
                }
                #expect(try await bmc.send(.DELETE, place).status == 204)
                #expect(try await bmc.get(subscriptions)["Members@odata.count"] == 0)
                #expect(try await bmc.send(.DELETE, place).status == 404)
            }
        }
    }

    @Test("are given numbers in the order of the event log")
    func order() async throws {
        try await RedfishUnderTest.with { bmc in
            try await ImageServer.with(refusals: 0) { address, posts in
                _ = try await subscribe("\(address)/events", on: bmc)
                for number in 0..<20 {
                    bmc.bmc.machineEvent(number.isMultiple(of: 2) ? .poweredOn : .poweredOff)
                }
                let told = try await eventually("all events", within: .seconds(60)) {
                    posts.posts.count >= 20
                        ? try posts.posts.map { try JSON(parsing: $0)["Events"]?[0] } : nil
                }
                let numbers = told.map { event in
                    let entry = event?["LogEntry"]?["@odata.id"]?.string?.split(separator: "/").last
                    return (Int(event?["EventId"]?.string ?? "") ?? 0, entry.flatMap { Int($0) } ?? 0)
                }
                let entries = numbers.sorted { $0.0 < $1.0 }.map(\.1)
                #expect(entries == entries.sorted() && Set(entries).count == 20, "\(numbers)")
            }
        }
    }

    @Test("that do not answer are suspended after some tries, until they resume")
    func suspension() async throws {
        try await RedfishUnderTest.with { bmc in
            try await ImageServer.with(refusals: EventCourier.attempts) { address, posts in
                let place = try await subscribe("\(address)/events", on: bmc)
                _ = try await bmc.send(.POST, test, [:])
                try await eventually("the suspension", within: .seconds(30)) {
                    try await bmc.get(place)["Status"]?["State"] == "Disabled" ? true : nil
                }
                #expect(posts.posts.isEmpty)
                let resume = try await bmc.send(.POST, "\(place)/Actions/EventDestination.ResumeSubscription")
                #expect(resume.status == 204)
                _ = try await bmc.send(.POST, test, [:])
                try await eventually("an event", within: .seconds(30)) { posts.posts.first }
            }
        }
    }

    @Test("are as many as there may be, and at places that there can be")
    func refusals() async throws {
        try await RedfishUnderTest.with { bmc in
            for destination in ["", "ftp://a/b", "here"] {
                let reply = try await bmc.send(
                    .POST,
                    subscriptions,
                    ["Destination": .string(destination), "Protocol": "Redfish"]
                )
                #expect(reply.messages == ["PropertyValueFormatError"], "\(reply)")
            }
            for number in 1...Subscription.limit {
                _ = try await subscribe("http://127.0.0.1:1/\(number)", on: bmc)
            }
            let full = try await bmc.send(
                .POST,
                subscriptions,
                ["Destination": "http://127.0.0.1:1/", "Protocol": "Redfish"]
            )
            #expect(full.status == 503)
            #expect(full.messages == ["EventSubscriptionLimitExceeded"])
        }
    }
}
