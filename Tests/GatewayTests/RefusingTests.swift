import Foundation
import LabModel
import Testing

@testable import Gateway

@Suite("Refused connections", .timeLimit(.minutes(10)))
struct RefusedTests {
    @Test("are so on their first packet, in the packet filter", .enabled(if: !PrivateNetwork.isHere))
    func inNamespace() async throws {
        try await PrivateNetwork.run("RefusingTests", expecting: "6 tests in 1 suite", within: 580)
    }
}

extension RefusedTests {
    @Test("are listened for before the first of them can happen")
    func listensFirst() async throws {
        let filter = SlowFilter()
        try await RunningGateway.with(change: { $0.filter = filter }) { lab in
            try lab.gateway.install(Rule(id: "r", "http.refuse"))
            await lab.gateway.settle()
            #expect(filter.calls.list == ["listens", "refuses 1"])
        }
    }
}

/// Is a while about beginning to listen.
private final class SlowFilter: PacketFilter {
    let calls = Heard()

    func refuse(_ refusals: [Refusal]) async throws { calls.add("refuses \(refusals.count)") }

    func refused() async throws -> AsyncStream<Refusal.Event> {
        try await Task.sleep(for: .milliseconds(200))
        calls.add("listens")
        return AsyncStream { $0.finish() }
    }
}

@Suite("A refusal in the lab's network", .enabled(if: PrivateNetwork.isHere), .serialized)
struct RefusingTests {
    private static func inLab(_ body: (RunningGateway, PrivateNetwork) async throws -> Void) async throws {
        try await RunningGateway.with(files: { try $0.write("f", "content") }) { lab in
            let network = try await PrivateNetwork(lab)
            _ = try await network.onNode(
                "ip address add 2001:2:0:1::50/64 dev peer nodad; ip route add default via 2001:2:0:1::1"
            )
            try await body(lab, network)
        }
    }

    private static func install(
        _ lab: RunningGateway,
        _ match: Match,
        _ occurrence: Occurrence = .always,
        id: String = "r"
    ) async throws {
        try lab.gateway.install(Rule(id: id, "http.refuse", match: match, occurrence: occurrence))
        await lab.gateway.settle()
    }

    /// What becomes of so many connections, all at once or one after the other: R for refused, a dot for made.
    private static func connect(_ count: Int, to address: String, atOnce: Bool = false) -> String {
        """
        python3 - <<'END'
        import socket
        from concurrent.futures import ThreadPoolExecutor
        def one(_):
            try: socket.create_connection(('\(address)', 80), 20).close(); return '.'
            except ConnectionRefusedError: return 'R'
        with ThreadPoolExecutor(\(atOnce ? count : 1)) as pool: print(''.join(pool.map(one, range(\(count)))), end='')
        END
        """
    }

    @Test("is heard by each client as one by a host where nobody listens, over both families")
    func words() async throws {
        try await Self.inLab { lab, network in
            try await Self.install(lab, Match(host: "mirror-a.vlab.test", port: 80))
            let url = "http://mirror-a.vlab.test/images/f"
            for ask in [network.onNode, network.onEngine] {
                for command in [
                    "curl -v -4 -m 20 \(url)", "curl -v -6 -m 20 \(url)", "wget -4 -t 1 -T 20 -O - \(url)",
                    "wget -6 -t 1 -T 20 -O - \(url)", "timeout 20 busybox wget -O - \(url)",
                    "timeout 20 /usr/lib/apt/apt-helper download-file \(url) /dev/null 2>&1",
                ] {
                    let refused = try await ask(command)
                    #expect(refused.status != 0)
                    #expect(
                        (refused.text + refused.errors).contains("Connection refused"),
                        "\(command): \(refused)"
                    )
                }
                let curl = try await ask("curl -sS -m 20 \(url)")
                #expect(curl.status == 7, "\(curl.errors)")
                #expect(try await ask("curl -sS -m 20 http://mirror-b.vlab.test/images/f").text == "content")
            }
            let applied = await lab.events.wait(for: "fault.applied", count: 14)
            #expect(applied.details["name"] == "mirror-a.vlab.test" && applied.details["port"] == "80")
            let clients = Set(lab.events.named("fault.applied").compactMap { $0.details["client"] })
            #expect(clients == ["10.20.0.50", "2001:2:0:1::50", "198.18.0.1", "fd76:6c61:62::1"])
            #expect(lab.gateway.installed.map(\.bites) == [lab.events.named("fault.applied").count])
            #expect(lab.gateway.remove("r"))
            await lab.gateway.settle()
            #expect(try await network.onNode("curl -sS -m 20 \(url)").text == "content")
        }
    }

    @Test(
        "counts exactly, however many come at once",
        arguments: [
            (Occurrence.first(2, perClient: false), "RR........"), (.nth(3, perClient: false), "..R......."),
            (.every(4, perClient: false), "...R...R.."), (.first(2, perClient: true), "RR........"),
            (.nth(3, perClient: true), "..R......."), (.every(4, perClient: true), "...R...R.."),
            (.always, "RRRRRRRRRR"),
        ] as [(Occurrence, String)]
    )
    func counted(occurrence: Occurrence, expected: String) async throws {
        try await Self.inLab { lab, network in
            try await Self.install(lab, Match(host: "1.1.1.1"), occurrence)
            #expect(try await network.onNode(Self.connect(10, to: "1.1.1.1")).text == expected)
            if occurrence.isPerClient {
                #expect(try await network.onEngine(Self.connect(10, to: "1.1.1.1")).text == expected)
            }
            lab.gateway.remove("r")
            try await Self.install(lab, Match(host: "1.1.1.1"), occurrence)
            let many = try await network.onNode(Self.connect(40, to: "1.1.1.1", atOnce: true)).text
            let all = (1...40).count { occurrence.bites($0, of: nil) }
            #expect(many.count { $0 == "R" } == all, "\(many)")
        }
    }

    @Test("by chance is the same in each run, and of about as many as it should be")
    func chance() async throws {
        try await Self.inLab { lab, network in
            var seen: Set<String> = []
            for _ in 1...2 {
                try await Self.install(lab, Match(host: "1.1.1.1"), .probability(0.3, seed: 7))
                seen.insert(try await network.onNode(Self.connect(200, to: "1.1.1.1")).text)
                lab.gateway.remove("r")
                await lab.gateway.settle()
            }
            #expect(seen.count == 1)
            let part = try #require(seen.first).count { $0 == "R" }
            #expect((45...75).contains(part), "\(part) of 200")
        }
    }

    @Test("of names that nobody knew when it was installed begins with the first connection")
    func laterNames() async throws {
        try await Self.inLab { lab, network in
            try await Self.install(lab, Match(host: "*.later.example.org"))
            for number in 1...20 {
                let curl = try await network.onNode("curl -sS -m 20 http://h\(number).later.example.org/")
                #expect(curl.status == 7, "\(number): \(curl.text)\(curl.errors)")
            }
            #expect(lab.events.named("http.served").isEmpty)
            let other = try await network.onNode("curl -sS -m 20 http://h1.example.org/")
            #expect(other.text.contains("is outside the lab"), "\(other.errors)")
        }
    }

    @Test("of one client leaves others alone, and a node is known by its card whatever its address")
    func clients() async throws {
        try await Self.inLab { lab, network in
            let (v4, v6) = ("1.1.1.1", "2606:4700::1111")
            func ask(_ who: (String) async throws -> Finished) async throws -> String {
                try await who(Self.connect(1, to: v4)).text + who(Self.connect(1, to: v6)).text
            }
            try await Self.install(lab, Match(clients: ["cmp01"]))
            #expect(try await ask(network.onNode) == "RR")
            #expect(try await ask(network.onEngine) == "..")
            lab.gateway.remove("r")
            try await Self.install(lab, Match(clients: ["fd76:6c61:62::1", "10.20.0.50"]))
            #expect(try await ask(network.onNode) == "R.")
            #expect(try await ask(network.onEngine) == ".R")
            lab.gateway.remove("r")
            // One turn for the node, not one for each of its addresses; another rule does not disturb it.
            try await Self.install(lab, Match(), .first(1, perClient: true))
            #expect(try await ask(network.onNode) == "R.")
            try await Self.install(lab, Match(port: 81), id: "s")
            #expect(try await ask(network.onNode) == "..")
            #expect(try await ask(network.onEngine) == "R.")
        }
    }

    @Test("drops no connection that stands, neither when it begins nor when it ends")
    func undisturbed() async throws {
        try await Self.inLab { lab, network in
            let program = """
                import socket, time
                s = socket.create_connection(('mirror-a.vlab.test', 80), 20)
                def get():
                    s.sendall(b'GET /images/f HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'); r = b''
                    while not r.endswith(b'content'): r += s.recv(999)
                for turn in range(3):
                    get(); open('\(lab.folder.path)/turn%d' % turn, 'w').close(); time.sleep(0.5)
                get(); print('all')
                """
            let file = lab.folder.path + "/turn0"
            let gateway = lab.gateway
            let python = try await shell("python3 -c \"\(program)\"", whenThereIs: file) {
                do {
                    try gateway.install(Rule(id: "r", "http.refuse"))
                    await gateway.settle()
                    let refused = try await network.onEngine(
                        "curl -sS -m 20 http://mirror-a.vlab.test/images/f"
                    )
                    #expect(refused.status == 7)
                } catch {
                    Issue.record(error)
                }
                gateway.remove("r")
                await gateway.settle()
            }
            #expect(python.text == "all\n", "\(python.errors)")
        }
    }
}
