import LabModel
import NIOHTTP1
import Testing
import VirtualBMC

@testable import Redfish

@Suite("A Redfish service", .timeLimit(.minutes(2)))
struct ProtocolTests {
    @Test("tells anybody where it begins, and nobody else anything")
    func stranger() async throws {
        try await RedfishUnderTest.with { bmc in
            for path in ["/redfish", "/redfish/", "/redfish/v1", "/redfish/v1/", "/redfish/v1/odata"] {
                #expect(try await bmc.send(.GET, path, as: nil).status == 200, "\(path)")
            }
            let metadata = try await bmc.send(.GET, "/redfish/v1/$metadata", as: nil)
            #expect(metadata.body.string?.hasPrefix("<?xml") == true)
            for path in ["/redfish/v1/Systems", "/redfish/v1/Systems/ctl01", "/redfish/v1/nowhere", "/"] {
                for user in [nil, "root:wrong", "nobody:secret", "root:", ":", "root"] {
                    let reply = try await bmc.send(.GET, path, as: user)
                    #expect(reply.status == 401, "\(path) as \(user ?? "nobody")")
                    #expect(reply.messages == ["NoValidSession"])
                    #expect(reply.headers.first(name: "www-authenticate")?.hasPrefix("Basic") == true)
                }
            }
        }
    }

    @Test("lets each role do what is its own")
    func roles() async throws {
        let machine = MemoryChassis(.off)
        try await RedfishUnderTest.with(machine) { bmc in
            let (system, service) = (RedfishUnderTest.system, "/redfish/v1/SessionService")
            let on: JSON = ["ResetType": "On"]
            #expect(try await bmc.send(.GET, system, as: "guest:guest").status == 200)
            let refused = try await bmc.send(
                .POST,
                "\(system)/Actions/ComputerSystem.Reset",
                on,
                as: "guest:guest"
            )
            #expect(refused.status == 403)
            #expect(refused.messages == ["InsufficientPrivilege"])
            #expect(machine.actions.isEmpty)
            let patch = try await bmc.send(.PATCH, service, ["SessionTimeout": 60], as: "op:op")
            #expect(patch.status == 403)
            #expect(
                try await bmc.send(.POST, "\(system)/Actions/ComputerSystem.Reset", on, as: "op:op").status
                    == 204
            )
            #expect(machine.actions == [.powerOn])
        }
    }

    @Test("opens sessions, hears their token, and closes them")
    func sessions() async throws {
        try await RedfishUnderTest.with { bmc in
            let sessions = "/redfish/v1/SessionService/Sessions"
            let wrong = try await bmc.send(.POST, sessions, ["UserName": "root", "Password": "no"], as: nil)
            #expect(wrong.status == 401, "\(wrong)")
            let missing = try await bmc.send(.POST, sessions, ["UserName": "root"], as: nil)
            #expect(missing.status == 400)
            #expect(missing.messages == ["PropertyMissing"])
            let open = try await bmc.send(
                .POST,
                sessions,
                ["UserName": "root", "Password": "secret"],
                as: nil
            )
            #expect(open.status == 201, "\(open)")
            #expect(open.body["Password"] == .null)
            let token = try #require(open.headers.first(name: "x-auth-token"))
            let place = try #require(open.headers.first(name: "location"))
            #expect(token.count == 64)
            let mine = ["X-Auth-Token": token]
            #expect(try await bmc.send(.GET, RedfishUnderTest.system, as: nil, headers: mine).status == 200)
            #expect(try await bmc.send(.DELETE, place, as: "guest:guest").status == 403)
            #expect(try await bmc.send(.DELETE, place, as: nil, headers: mine).status == 204)
            #expect(try await bmc.send(.GET, RedfishUnderTest.system, as: nil, headers: mine).status == 401)
            for _ in 1...Sessions.limit {
                let reply = try await bmc.send(
                    .POST,
                    sessions,
                    ["UserName": "root", "Password": "secret"],
                    as: nil
                )
                #expect(reply.status == 201)
            }
            let full = try await bmc.send(
                .POST,
                sessions,
                ["UserName": "root", "Password": "secret"],
                as: nil
            )
            #expect(full.status == 503)
            #expect(full.messages == ["SessionLimitExceeded"])
        }
    }

    @Test("lets a session that is silent lapse")
    func idle() {
        var sessions = Sessions()
        sessions.timeout = 30
        let session = sessions.begin("root", from: "", at: .seconds(10), time: "")
        let token = session?.token ?? ""
        #expect(sessions.hear(token, at: .seconds(39)) != nil)
        #expect(sessions.hear(token, at: .seconds(68)) != nil, "hearing of it keeps it")
        #expect(sessions.hear(token, at: .seconds(98)) == nil)
        #expect(sessions.all(at: .seconds(98)).isEmpty)
    }

    @Test(
        "says what is wrong with a request",
        arguments: [
            (HTTPMethod.GET, "/redfish/v1/Systems/ctl02", nil, 404, "ResourceMissingAtURI"),
            (.GET, "/redfish/v1/Systems/ctl01/nothing", nil, 404, "ResourceMissingAtURI"),
            (.GET, "/redfish/v1/Systems/%FF", nil, 404, "ResourceMissingAtURI"),
            (.POST, "/redfish/v1/Systems/ctl01", "{}", 405, "OperationNotAllowed"),
            (.DELETE, "/redfish/v1/Systems/ctl01", nil, 405, "OperationNotAllowed"),
            (.PUT, "/redfish/v1/Systems/ctl01", "{}", 405, "OperationNotAllowed"),
            (.GET, "/redfish/v1/Systems/ctl01/Actions/ComputerSystem.Reset", nil, 405, "OperationNotAllowed"),
            (.PATCH, "/redfish/v1/Systems/ctl01", "{\"Boot\":", 400, "MalformedJSON"),
            (.PATCH, "/redfish/v1/Systems/ctl01", "[]", 400, "UnrecognizedRequestBody"),
            (
                .POST, "/redfish/v1/Systems/ctl01/Actions/ComputerSystem.Reset", "{}", 400,
                "ActionParameterMissing"
            ),
            (
                .POST, "/redfish/v1/Systems/ctl01/Actions/ComputerSystem.Reset",
                "{\"ResetType\": \"On\", \"Now\": true}", 400, "ActionParameterUnknown"
            ),
            (.GET, "/redfish/v1/Systems?$filter=Name", nil, 501, "QueryNotSupported"),
            (.GET, "/redfish/v1/Systems?$skip=-1", nil, 400, "QueryParameterValueFormatError"),
        ] as [(HTTPMethod, String, String?, Int, String)]
    )
    func badRequests(
        method: HTTPMethod,
        path: String,
        body: String?,
        status: Int,
        message: String
    ) async throws {
        let machine = MemoryChassis(.off)
        try await RedfishUnderTest.with(machine) { bmc in
            let reply = try await bmc.send(method, path, bytes: body.map { Array($0.utf8) })
            #expect(reply.status == status, "\(reply)")
            #expect(reply.messages == [message], "\(reply)")
            if status == 405 { #expect(reply.headers.first(name: "allow")?.isEmpty == false) }
            #expect(machine.actions.isEmpty)
        }
    }

    @Test("reads no more of a body than it needs to say that it is too much")
    func tooMuch() async throws {
        try await RedfishUnderTest.with { bmc in
            let reply = try await bmc.send(
                .PATCH,
                RedfishUnderTest.system,
                bytes: Array(repeating: UInt8(ascii: " "), count: RedfishService.largestBody + 1)
            )
            #expect(reply.status == 413, "\(reply)")
        }
    }

    @Test("guards a change by the tag of what was read")
    func tags() async throws {
        try await RedfishUnderTest.with { bmc in
            let first = try await bmc.send(.GET, RedfishUnderTest.system)
            let tag = try #require(first.headers.first(name: "etag"))
            #expect(first.body["@odata.etag"] == .string(tag))
            let same = try await bmc.send(.GET, RedfishUnderTest.system, headers: ["If-None-Match": tag])
            #expect(same.status == 304)
            let lit: JSON = ["LocationIndicatorActive": true]
            let changed = try await bmc.send(.PATCH, RedfishUnderTest.system, lit, headers: ["If-Match": tag])
            #expect(changed.status == 200)
            #expect(changed.headers.first(name: "etag") != tag)
            let stale = try await bmc.send(
                .PATCH,
                RedfishUnderTest.system,
                ["LocationIndicatorActive": false],
                headers: ["If-Match": tag]
            )
            #expect(stale.status == 412)
            #expect(stale.messages == ["PreconditionFailed"])
            #expect(try await bmc.get(RedfishUnderTest.system)["LocationIndicatorActive"] == true)
        }
    }

    @Test("answers HEAD and OPTIONS, and shows a collection's members when asked to")
    func methods() async throws {
        try await RedfishUnderTest.with { bmc in
            let head = try await bmc.send(.HEAD, RedfishUnderTest.system)
            #expect(head.status == 200)
            #expect(head.body == "")
            let options = try await bmc.send(.OPTIONS, RedfishUnderTest.system)
            #expect(options.headers.first(name: "allow") == "GET, HEAD, PATCH, OPTIONS")
            let systems = try await bmc.get("/redfish/v1/Systems?$expand=.")
            #expect(systems["Members"]?[0]?["UUID"] == .string(RedfishUnderTest.uuid))
        }
    }

    @Test("leads from its root to everything, each with what all have")
    func walk() async throws {
        try await RedfishUnderTest.with(drive: MemoryDrive()) { bmc in
            var (todo, seen) = (["/redfish/v1"], Set<String>())
            while let path = todo.popLast() {
                // A part of a resource is in the resource.
                guard !path.contains("#"), path.hasPrefix("/redfish/v1"), seen.insert(path).inserted else {
                    continue
                }
                let reply = try await bmc.send(.GET, path)
                #expect(reply.status == 200, "\(path): \(reply)")
                if reply.body.object == nil { continue }
                #expect(reply.body["@odata.id"] == .string(path))
                #expect(reply.body["@odata.type"]?.string?.hasPrefix("#") == true, "\(path)")
                #expect(reply.body["Name"] != nil, "\(path)")
                todo += Self.links(in: reply.body)
            }
            #expect(seen.count > 60, "\(seen.count)")
        }
    }

    private static func links(in json: JSON) -> [String] {
        switch json {
        case .array(let values): values.flatMap(links)
        case .object(let members):
            members.flatMap { $0.key == "@odata.id" ? [$0.value.string ?? ""] : links(in: $0.value) }
        case .null, .bool, .int, .double, .string: []
        }
    }
}
