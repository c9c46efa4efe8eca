import Foundation
import LabModel
import Testing

@testable import Gateway

@Suite("A thousand clients", .timeLimit(.minutes(4)))
struct CrowdTests {
    /// Of this process, as the kernel counts pages.
    private var residentBytes: Int {
        get throws {
            let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
            return (Int(fields[1]) ?? 0) * sysconfPageSize
        }
    }
    private var sysconfPageSize: Int { Int(sysconf(Int32(_SC_PAGESIZE))) }

    @Test("stalled at once cost little, and all go on when they are healed")
    func stalled() async throws {
        try #require(DescriptorLimit.raise() >= 4000, "the hard limit on open files is too low")
        let (data, count) = (Data.pattern(100_000), 1000)
        try await RunningGateway.with(files: { try $0.write("f", data) }) { lab in
            try lab.gateway.install(Rule(id: "s", "http.stall", ["at": "100"], match: Match(path: "**/f")))
            let before = try residentBytes
            var clients: [RawClient] = []
            for _ in 0..<count {
                let client = try await RawClient(port: lab.ports.tcp)
                try await client.send("GET /images/f HTTP/1.1\r\nHost: mirror-a.vlab.test\r\n\r\n")
                clients.append(client)
            }
            _ = await lab.events.wait(for: "fault.applied", count: count)
            // Both ends of each connection are in this process, and so are other suites.
            let each = (try residentBytes - before) / count
            #expect(each < 128 << 10, "\(each) bytes for each connection, both ends")
            #expect(lab.gateway.remove("s"))
            _ = await lab.events.wait(for: "http.served", count: count)
            for client in clients { #expect(await client.body(of: data.count).count == data.count) }
        }
    }

    @Test("that come while the gateway stops are let go", arguments: 0..<20)
    func stops(round: Int) async throws {
        try await withThrowingTaskGroup { group in
            try await RunningGateway.with { lab in
                for _ in 0..<20 {
                    // Refused, reset or accepted: the gateway is about to stop, and only it must not break.
                    group.addTask { try? await RawClient(port: lab.ports.tcp).untilClosed() }
                }
                for _ in 0..<round { await Task.yield() }
            }
            try await group.waitForAll()
        }
    }
}
