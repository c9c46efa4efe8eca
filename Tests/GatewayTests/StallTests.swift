import Foundation
import LabModel
import Synchronization
import Testing

@testable import Gateway

@Suite("A stalled download", .timeLimit(.minutes(4)))
struct StallTests {
    private static let get = "GET /images/f HTTP/1.1\r\nHost: mirror-a.vlab.test\r\n\r\n"

    @Test(
        "stops at the exact byte and goes on when it is healed",
        arguments: [0, 1, 65_535, 300_000, 999_999]
    )
    func exactByte(at offset: Int) async throws {
        let data = Data.pattern(1_000_000)
        try await RunningGateway.with(files: {
            try $0.write("f", data); try $0.write("small", "hello")
        }) { lab in
            try lab.gateway.install(
                Rule(id: "stall", "http.stall", ["at": "\(offset)"], match: Match(path: "**/f"))
            )
            let client = try await RawClient(port: lab.ports.tcp)
            try await client.send(Self.get)
            let applied = await lab.events.first("fault.applied")
            #expect(applied.details["fault"] == "stall")
            #expect(applied.details["kind"] == "http.stall")
            #expect(applied.details["at"] == "\(offset)")
            #expect(applied.details["count"] == "1")
            // The header has no fixed length: wait for what must come, and let another request pass meanwhile.
            let other = try await shell("curl -sS \(lab.host) \(lab.url("/images/small"))")
            #expect(other.text == "hello")
            #expect(await client.body(of: offset).count == offset)
            _ = await lab.events.first("http.served")
            #expect(lab.events.named("http.served").count == 1)
            #expect(lab.gateway.remove("stall"))
            #expect(Data(await client.body(of: data.count)) == data)
            let served = await lab.events.first { $0.details["path"] == "/images/f" }
            #expect(served.details["faults"] == "stall")
        }
    }

    @Test("is counted to the byte by curl, which gives up, resumes and succeeds the third time")
    func giveUpAndResume() async throws {
        let data = Data.pattern(1_000_000)
        try await RunningGateway.with(files: { try $0.write("f", data) }) { lab in
            try lab.gateway.install(
                Rule(
                    id: "stall",
                    "http.stall",
                    ["at": "37%"],
                    match: Match(host: "mirror-?.vlab.test", path: "**/f", clients: ["self"]),
                    occurrence: .first(2, perClient: true)
                )
            )
            let part = lab.folder.path + "/part"
            let arguments = "-C - \(lab.host) \(lab.url("/images/f"))"
            let first = try await shell(curlUntil(370_000, in: part, arguments))
            #expect(first.status == 143, "\(first.errors)")
            #expect(try lab.folder.read("part").count == 370_000)
            let second = try await shell(curlUntil(603_100, in: part, arguments))
            #expect(second.status == 143, "\(second.errors)")
            #expect(try lab.folder.read("part").count == 370_000 + 233_100)
            let third = try await shell("curl -sS -o \(part) \(arguments)")
            #expect(third.status == 0, "\(third.errors)")
            let whole = try lab.folder.read("part") == data
            #expect(whole)
            #expect(lab.events.named("fault.applied").map { $0.details["count"] } == ["1", "2"])
            _ = await lab.events.wait(for: "http.served", count: 3)
            let served = lab.events.named("http.served").map(\.details)
            #expect(served.map { $0["outcome"] } == ["client left", "client left", "complete"])
            #expect(served.map { $0["bytes"] } == ["370000", "233100", "396900"])
            #expect(served.map { $0["faults"] } == ["stall", "stall", nil])
        }
    }

    @Test("goes on by itself after its time")
    func elapses() async throws {
        let data = Data.pattern(100_000)
        try await RunningGateway.with(files: { try $0.write("f", data) }) { lab in
            try lab.gateway.install(Rule(id: "s", "http.stall", ["at": "10", "hold": "50ms"]))
            let curl = try await shell("curl -sS \(lab.host) \(lab.url("/images/f"))")
            #expect(curl.output == data)
            #expect(lab.events.named("fault.applied").count == 1)
        }
    }

    @Test("does not count requests that it cannot bite, nor those of others")
    func notCounted() async throws {
        let data = Data.pattern(1000)
        try await RunningGateway.with(files: {
            try $0.write("f", data); try $0.write("g", "g")
        }) { lab in
            let mine: Set = ["self"]
            try lab.gateway.install(
                Rule(
                    id: "a",
                    "http.stall",
                    ["at": "500"],
                    match: Match(path: "**/f", clients: mine),
                    occurrence: .nth(2, perClient: false)
                )
            )
            try lab.gateway.install(
                Rule(id: "b", "http.stall", ["at": "0"], match: Match(clients: ["\(RunningGateway.node)"]))
            )
            let url = lab.url("/images/f")
            for options in ["-I", "-r 0-499", "", "-r 600-"] {
                let curl = try await shell("curl -sS -m 30 \(options) \(lab.host) \(url)")
                #expect(curl.status == 0)
            }
            #expect(try await shell("curl -sS -m 30 \(lab.host) \(lab.url("/images/g"))").text == "g")
            #expect(lab.events.named("fault.applied").isEmpty)
            let part = lab.folder.path + "/part"
            _ = try await shell(curlUntil(500, in: part, "\(lab.host) \(url)"))
            #expect(try lab.folder.read("part") == data.prefix(500))
            #expect(try await shell("curl -sS -m 30 \(lab.host) \(url)").output == data)
        }
    }

    @Test("that no byte of came to pass is still due: a client that left before it counts not")
    func leftBefore() async throws {
        let data = Data.pattern(1000)
        try await RunningGateway.with(files: { try $0.write("f", data) }) { lab in
            try lab.gateway.install(
                Rule(id: "early", "http.stall", ["at": "0"], occurrence: .first(1, perClient: false))
            )
            try lab.gateway.install(
                Rule(id: "late", "http.stall", ["at": "500"], occurrence: .first(1, perClient: false))
            )
            let client = try await RawClient(port: lab.ports.tcp)
            try await client.send(Self.get)
            _ = await lab.events.first("fault.applied")
            try await client.close()
            _ = await lab.events.first("http.served")
            let part = lab.folder.path + "/part"
            _ = try await shell(curlUntil(500, in: part, "\(lab.host) \(lab.url("/images/f"))"))
            #expect(try lab.folder.read("part") == data.prefix(500))
            #expect(lab.events.named("fault.applied").map { $0.details["fault"] } == ["early", "late"])
        }
    }

    @Test("can be a moment for something else: the transfer waits for it")
    func pause() async throws {
        let data = Data.pattern(1_000_000)
        try await RunningGateway.with(files: { try $0.write("f", data) }) { lab in
            let happened = Mutex<[String]>([])
            try lab.gateway.pause("moment", Match(), .first(1, perClient: false), at: .percent(50)) {
                happened.withLock {
                    $0.append("began with \(lab.events.named("http.served").count) served")
                }
                await Task.yield()
                happened.withLock { $0.append("ended") }
            }
            let curl = try await shell("curl -sS \(lab.host) \(lab.url("/images/f"))")
            #expect(curl.output == data)
            #expect(happened.withLock { $0 } == ["began with 0 served", "ended"])
        }
    }

    @Test("ends when the gateway stops")
    func stops() async throws {
        let data = Data.pattern(1000)
        let kept = Mutex<EventLog?>(nil)
        try await RunningGateway.with(files: { try $0.write("f", data) }) { lab in
            kept.withLock { $0 = lab.events }
            try lab.gateway.install(Rule(id: "s", "http.stall", ["at": "10"]))
            let client = try await RawClient(port: lab.ports.tcp)
            try await client.send(Self.get)
            _ = await lab.events.first("fault.applied")
        }
        let served = kept.withLock { $0?.named("http.served") ?? [] }
        #expect(served.map { $0.details["outcome"] } == ["gateway stopped"])
    }

    @Test("needs an id of its own")
    func sameID() async throws {
        try await RunningGateway.with { lab in
            try lab.gateway.install(Rule(id: "x", "ntp.unreachable"))
            #expect(throws: GatewayError.ruleExists(id: "x")) {
                try lab.gateway.install(Rule(id: "x", "http.stall", ["at": "0"]))
            }
            #expect(lab.gateway.remove("x"))
            #expect(!lab.gateway.remove("x"))
        }
    }
}
