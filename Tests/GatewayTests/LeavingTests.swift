import Foundation
import LabModel
import Testing

@testable import Gateway

@Suite("A client that leaves before it has said what it wants", .timeLimit(.minutes(4)))
struct LeavingTests {
    @Test("is one event, with how much it said", arguments: ["", "GE", "\u{16}\u{3}\u{1}"])
    func left(words: String) async throws {
        try await RunningGateway.with { lab in
            let client = try await RawClient(port: lab.ports.tcp)
            if !words.isEmpty { try await client.send(words) }
            try await client.close()
            let left = await lab.events.first("tcp.left")
            #expect(left.node == "self" && left.details["client"] == "127.0.0.1", "\(left)")
            #expect(left.details["port"] == "80" && left.details["bytes"] == "\(words.utf8.count)", "\(left)")
            #expect(lab.events.all.count == 1)
        }
    }

    @Test("by a reset, as scanners of ports do, is one event too")
    func reset() async throws {
        try await RunningGateway.with { lab in
            let program = """
                import socket, struct
                s = socket.create_connection(('127.0.0.1', \(lab.ports.tcp)), 20)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                s.close()
                """
            let python = try await shell("python3 -c \"$PROGRAM\"", environment: ["PROGRAM": program])
            #expect(python.status == 0, "\(python.errors)")
            #expect(await lab.events.first("tcp.left").details["bytes"] == "0")
            #expect(lab.events.all.count == 1)
        }
    }

    @Test("in a tunnel is one event, with the tunnel's end")
    func inTunnel() async throws {
        try await OutsideServer.with({ _ = try await $0.hear() }) { port in
            try await RunningGateway.outside(port) { lab in
                let client = try await RawClient(port: lab.ports.tcp)
                try await client.send("CONNECT a.example.org:443 HTTP/1.1\r\nHost: a\r\n\r\n")
                await client.wait(for: "HTTP/1.1 200 Connection established\r\n\r\n".utf8.count)
                try await client.close()
                let left = await lab.events.first("tcp.left")
                #expect(left.details["name"] == "a.example.org" && left.details["port"] == "443", "\(left)")
                #expect(left.details["bytes"] == "0" && lab.events.all.count == 1, "\(lab.events.all)")
            }
        }
    }

    @Test("because the gateway stops is none")
    func stopped() async throws {
        var events = EventLog()
        try await RunningGateway.with { lab in
            events = lab.events
            let client = try await RawClient(port: lab.ports.tcp)
            try await client.send("GE")
            // Somebody else's answer comes behind it.
            let curl = try await shell("curl -sS -m 20 \(lab.host) \(lab.url("/none"))")
            #expect(curl.status == 0, "\(curl.errors)")
        }
        #expect(events.named("tcp.left").isEmpty, "\(events.all)")
    }
}
