import Foundation
import LabModel
import NIOCore
import Testing

@testable import Gateway

/// A fault of `tcp.*` that waits or cuts, and how many of 20,000 bytes get past it.
struct FlowCase: Sendable, CustomTestStringConvertible {
    let kind: String
    let arguments: [String: String]
    let bytes: ClosedRange<Int>

    init(_ kind: String, _ arguments: [String: String], _ bytes: ClosedRange<Int>) {
        (self.kind, self.arguments, self.bytes) = (kind, arguments, bytes)
    }

    var testDescription: String { "\(kind) \(arguments.sorted { $0.key < $1.key }.map(\.value))" }

    static let holding = [
        FlowCase("tcp.timeout", [:], 0...0), FlowCase("tcp.latency", ["delay": "1h"], 0...0),
        FlowCase("tcp.bandwidth", ["rate": "1"], 0...1),
        FlowCase("tcp.slice", ["size": "3000", "pause": "1h"], 1...3000),
        FlowCase("tcp.reset", ["at": "5000", "after": "1h"], 5000...5000),
    ]
    static let cutting = [
        FlowCase("tcp.limit", ["bytes": "7000"], 7000...7000),
        // What was sent last may be lost with a reset.
        FlowCase("tcp.reset", ["at": "7000"], 0...7000), FlowCase("tcp.timeout", ["after": "20ms"], 0...0),
    ]
}

@Suite("A fault of the connection", .timeLimit(.minutes(4)))
struct FlowTests {
    private static let data = Array(Data.pattern(20_000))

    /// A server that says back what it hears, through a relay that a fault befalls.
    private static func relayed(
        _ fault: FlowCase,
        _ direction: Flow.Direction,
        body: (RunningGateway, RawClient) async throws -> Void
    ) async throws {
        try await OutsideServer.with { guest in
            while let bytes = try await guest.hear() { try await guest.say(bytes) }
        } body: { port in
            try await RunningGateway.outside(port) { lab in
                let arguments = fault.arguments.merging(["direction": direction.rawValue]) { $1 }
                let match = Match(host: "git.example.org", port: 9418)
                try lab.gateway.install(Rule(id: "x", fault.kind, arguments, match: match))
                let client = try await RawClient(port: lab.ports.tcp)
                let target = "git.example.org:9418"
                try await client.send("CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n\r\n")
                await client.wait(for: "HTTP/1.1 200 Connection established\r\n\r\n".utf8.count)
                // The first byte tells that it is no HTTP.
                try await client.send(bytes: data)
                try await body(lab, client)
            }
        }
    }

    @Test(
        "that holds what is neither HTTP nor TLS lets it go when it is healed",
        arguments: FlowCase.holding,
        Flow.Direction.allCases
    )
    func held(fault: FlowCase, direction: Flow.Direction) async throws {
        try await Self.relayed(fault, direction) { lab, client in
            _ = await lab.events.first("fault.applied")
            let come = await client.body(of: fault.bytes.lowerBound)
            #expect(fault.bytes.contains(come.count) && !client.isClosed, "\(come.count)")
            #expect(lab.gateway.remove("x"))
            #expect((await client.body(of: Self.data.count) == Self.data) == true)
            #expect(lab.events.named("tcp.served").isEmpty)
        }
    }

    @Test(
        "that cuts what is neither HTTP nor TLS does so at the byte, and both sides hear it",
        arguments: FlowCase.cutting,
        Flow.Direction.allCases
    )
    func cut(fault: FlowCase, direction: Flow.Direction) async throws {
        try await Self.relayed(fault, direction) { lab, client in
            await client.untilClosed()
            let served = await lab.events.first("tcp.served")
            let passed = try #require(Int(served.details[direction.rawValue] ?? ""))
            #expect(passed == fault.bytes.upperBound, "\(served)")
            #expect(client.body.count <= fault.bytes.upperBound)
            #expect(served.details["faults"] == "x", "\(served)")
            #expect(["cut", "reset"].contains(served.details["outcome"]), "\(served)")
        }
    }

    @Test(
        "that delays does not slow down: all that comes at once is late but once",
        arguments: Flow.Direction.allCases
    )
    func late(direction: Flow.Direction) async throws {
        // Each piece on its own, one after the other, would take a quarter of an hour.
        try await OutsideServer.with { guest in
            while let bytes = try await guest.hear() { try await guest.say(bytes) }
        } body: { port in
            try await RunningGateway.outside(port) { lab in
                let arguments = ["delay": "1s", "direction": direction.rawValue]
                try lab.gateway.install(Rule(id: "x", "tcp.latency", arguments))
                let client = try await RawClient(port: lab.ports.tcp)
                try await client.send("CONNECT a.example.org:9 HTTP/1.1\r\nHost: a\r\n\r\n")
                await client.wait(for: "HTTP/1.1 200 Connection established\r\n\r\n".utf8.count)
                for start in stride(from: 0, to: 20_000, by: 20) {
                    try await client.send(bytes: Array(Self.data[start..<start + 20]))
                    // As a person types, so that they are not put together on the way.
                    try await Task.sleep(for: .milliseconds(1))
                }
                #expect((await client.body(of: 20_000) == Self.data) == true)
            }
        }
    }

    @Test(
        "that cuts behind one that delays does not wait for a side that says no more",
        arguments: Flow.Direction.allCases
    )
    func lateCut(direction: Flow.Direction) async throws {
        try await Self.relayed(FlowCase("tcp.latency", ["delay": "20ms"], 0...0), direction) { lab, client in
            _ = await client.body(of: Self.data.count)
            let arguments = ["bytes": "0", "direction": direction.rawValue]
            try lab.gateway.install(Rule(id: "y", "tcp.limit", arguments))
            let second = try await RawClient(port: lab.ports.tcp)
            let target = "git.example.org:9418"
            try await second.send("CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n\r\nhello")
            await second.untilClosed()
            #expect(await lab.events.first("tcp.served").details["outcome"] == "cut")
        }
    }

    // MARK: - Uploads

    /// curl sends a body to a server that tells how much has come when it ends.
    private static func uploaded(
        _ fault: FlowCase,
        count total: Int = data.count,
        body: (RunningGateway, _ heard: Heard, _ curl: @escaping @Sendable () async throws -> Finished)
            async throws -> Void
    ) async throws {
        let heard = Heard()
        try await OutsideServer.with { guest in
            let head = try await guest.hear(until: "\r\n\r\n") ?? ""
            var count = head.components(separatedBy: "\r\n\r\n").last?.utf8.count ?? 0
            while count < total, let bytes = try await guest.hear() {
                count += bytes.readableBytes
                heard.add("\(count)")
            }
            try await guest.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        } body: { port in
            try await RunningGateway.outside(port) { lab in
                let file = try lab.folder.write("up", Data(repeating: 0x41, count: total))
                let arguments = fault.arguments.merging(["direction": "up"]) { $1 }
                try lab.gateway.install(Rule(id: "x", fault.kind, arguments, match: Match(methods: ["PUT"])))
                try await body(lab, heard) {
                    try await lab.curl(
                        "-H 'Expect:' -w ' %{http_code}' -T '\(file)' http://deb.example.org/up"
                    )
                }
            }
        }
    }

    @Test("that holds an upload lets it go when it is healed", arguments: FlowCase.holding)
    func heldUpload(fault: FlowCase) async throws {
        try await Self.uploaded(fault) { lab, heard, curl in
            async let finished = curl()
            _ = await lab.events.first("fault.applied")
            #expect(lab.events.named("http.served").isEmpty)
            #expect(lab.gateway.remove("x"))
            let text = try await finished.text
            #expect(text == "ok 200")
        }
    }

    @Test("that delays an upload does not slow it down")
    func lateUpload() async throws {
        // Each piece on its own, one after the other, would take minutes, for which curl has no patience.
        let fault = FlowCase("tcp.latency", ["delay": "1s"], 0...0)
        try await Self.uploaded(fault, count: 20 << 20) { lab, heard, curl in
            let finished = try await curl()
            #expect(finished.text == "ok 200", "\(finished.errors)")
            #expect(await lab.events.first("http.served").details["faults"] == "x")
        }
    }

    @Test(
        "that cuts an upload is heard by the client, and the server has no more than passed",
        arguments: FlowCase.cutting
    )
    func cutUpload(fault: FlowCase) async throws {
        try await Self.uploaded(fault) { lab, heard, curl in
            let finished = try await curl()
            #expect([52, 55, 56].contains(finished.status), "\(finished.status) \(finished.errors)")
            let served = await lab.events.first("http.served")
            #expect(served.details["faults"] == "x", "\(served)")
            #expect(["cut", "reset"].contains(served.details["outcome"]), "\(served)")
            let most = heard.list.compactMap(Int.init).max() ?? 0
            #expect(most <= fault.bytes.upperBound, "\(most)")
        }
    }
}
