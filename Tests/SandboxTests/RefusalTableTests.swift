import LabModel
import Testing

@testable import Sandbox

@Suite("The packet filter's refusals")
struct RefusalTableTests {
    private static func cards(_ text: String) throws -> [MACAddress] {
        try text.split(separator: " ").map { try #require(MACAddress(String($0))) }
    }

    private func commands(_ table: inout RefusalTable, _ refusals: [Refusal]) -> [String] {
        table.change(to: refusals).replacing("inet vlab_gateway ", with: "").split(separator: "\n").map(
            String.init
        )
    }

    @Test("have a chain that counts, and a way to it for each family and sender")
    func one() throws {
        var table = RefusalTable(cards: ["ctl01": try Self.cards("02:00:00:00:00:01 02:00:00:00:00:02")])
        let servers = try ["198.19.1.1", "2001:2::c613:101"].map { try #require(IPAddress($0)) }
        let refusal = Refusal(id: "a", port: 80, servers: Set(servers), clients: ["ctl01", "10.0.0.9"]) { _ in
            .first(2)
        }
        #expect(
            commands(&table, [refusal]) == [
                "flush chain refusals_nodes", "flush chain refusals_engine", "add chain refusal_1",
                "add rule refusal_1 numgen inc mod 4294967295 < 2 log prefix \"1\" group 53 counter reject with tcp reset",
                "add rule refusals_nodes ether saddr { 02:00:00:00:00:01, 02:00:00:00:00:02 } ip daddr { 198.19.1.1 } tcp dport 80 jump refusal_1",
                "add rule refusals_nodes ip saddr { 10.0.0.9 } ip daddr { 198.19.1.1 } tcp dport 80 jump refusal_1",
                "add rule refusals_engine ip saddr { 10.0.0.9 } ip daddr { 198.19.1.1 } tcp dport 80 jump refusal_1",
                "add rule refusals_nodes ether saddr { 02:00:00:00:00:01, 02:00:00:00:00:02 } ip6 daddr { 2001:2::c613:101 } tcp dport 80 jump refusal_1",
                "add rule refusals_nodes ip saddr { 10.0.0.9 } ip6 daddr { 2001:2::c613:101 } tcp dport 80 jump refusal_1",
                "add rule refusals_engine ip saddr { 10.0.0.9 } ip6 daddr { 2001:2::c613:101 } tcp dport 80 jump refusal_1",
            ]
        )
        #expect(table.labels == ["1": "a"])
    }

    @Test("keep their chains, and so their counts, while others come and go")
    func several() throws {
        var table = RefusalTable(cards: [:])
        _ = commands(&table, [Refusal(id: "a")])
        let both = commands(&table, [Refusal(id: "a"), Refusal(id: "b", port: 22)])
        #expect(both.filter { $0.contains("chain refusal_") } == ["add chain refusal_2"])
        let rest = commands(&table, [Refusal(id: "b", port: 22)])
        #expect(
            rest == [
                "flush chain refusals_nodes", "flush chain refusals_engine", "flush chain refusal_1",
                "delete chain refusal_1", "add rule refusals_nodes tcp dport 22 jump refusal_2",
                "add rule refusals_engine tcp dport 22 jump refusal_2",
            ]
        )
        // No server has such a name (yet).
        #expect(commands(&table, [Refusal(id: "b", servers: [])]).count == 2)
        // An id that comes back is another refusal.
        _ = commands(&table, [])
        #expect(commands(&table, [Refusal(id: "b")]).contains("add chain refusal_3"))
    }

    @Test("by client count each node, the jump host, and all others for themselves")
    func byClient() throws {
        var table = RefusalTable(cards: [
            "n": try Self.cards("02:00:00:00:00:01"), "m": try Self.cards("02:00:00:00:00:02"),
        ])
        let refusal = Refusal(id: "a", isPerClient: true) { client in
            switch client {
            case "m": .nth(3)
            case "n": .every(4)
            case "engine": .places([1, 0], of: 8)
            default: .places([], of: 8)
            }
        }
        let lines = commands(&table, [refusal])
        let turns = lines.filter { $0.hasPrefix("add rule refusal_1") }.map {
            $0.split(separator: " log")[0].dropFirst(9)
        }
        #expect(
            turns == [
                "refusal_1_0 numgen inc mod 4294967295 == 2", "refusal_1_1 numgen inc mod 4 == 3",
                "refusal_1_engine numgen inc mod 8 { 0, 1 }",
            ]
        )
        #expect(
            lines.suffix(4) == [
                "add rule refusals_nodes ether saddr { 02:00:00:00:00:02 } jump refusal_1_0",
                "add rule refusals_nodes ether saddr { 02:00:00:00:00:01 } jump refusal_1_1",
                "add rule refusals_nodes ether saddr != { 02:00:00:00:00:01, 02:00:00:00:00:02 } jump refusal_1_others",
                "add rule refusals_engine jump refusal_1_engine",
            ]
        )
    }
}
