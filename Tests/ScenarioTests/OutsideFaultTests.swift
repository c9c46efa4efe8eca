import Gateway
import LabModel
import Testing

@testable import Scenario

@Suite("A fault of the outside world")
struct OutsideFaultTests {
    private func scenario(_ fault: String) throws -> Scenario {
        let text = """
            scenario: t
            pod: pod1
            seed: 7
            budget: {wall: 10m}
            faults:
              - {id: f, \(fault)}
            expect:
              recover: [{engine.status: {is: SUCCESSFUL, within: 5m}}]
            """
        return try ScenarioReader.read(text: text, file: "t.yml").0
    }

    private func run(_ fault: String, seed: UInt64 = 7) throws -> any FaultRun {
        let kind = try #require(try scenario(fault).faults.first).kind
        let nodes = Array(QuickScenarios.pod.nodes.prefix(2))
        return kind.run(id: "f", nodes: nodes, pod: QuickScenarios.pod, seed: seed)
    }

    private func rule(_ fault: String, seed: UInt64 = 7) throws -> Rule? {
        var run = try run(fault, seed: seed)
        guard case .apply(.rule(let rule))? = run.arm().first else { return nil }
        return rule
    }

    private let stall = "kind: http.stall, where: {url: '**/disk.img'}, args: {at: 40%}"

    @Test("is there for every kind that the gateway knows", arguments: FaultCatalogue.forms.map(\.name))
    func every(name: String) throws {
        let entry = try #require(FaultKinds.named(name))
        let form = try #require(FaultCatalogue.forms.first { $0.name == name })
        #expect(TrafficFamily(kind: name) != nil)
        #expect(entry.form.fields("args").map(\.name) == form.parameters.map(\.name))
        #expect(
            entry.form.fields("args").filter(\.required).count == form.parameters.count { $0.usual == nil }
        )
        #expect(entry.form.fields("where").map(\.name).contains("node"))
    }

    @Test("becomes a rule with all that the file says")
    func rule() throws {
        let where_ =
            "where: {host: 'mirror-*.vlab.test', url: '~^/images/.*img$', port: 80, method: [GET, HEAD]}"
        let rule = try #require(
            try rule("kind: http.stall, \(where_), args: {at: 4M, hold: 3s}, when: {nth: 3, per: client}")
        )
        #expect(rule.id == "f" && rule.kind == "http.stall")
        #expect(rule.arguments == ["at": "4M", "hold": "3s"])
        #expect(rule.occurrence == .nth(3, perClient: true))
        #expect(rule.match.host?.description == "mirror-*.vlab.test")
        #expect(rule.match.path?.matches("/images/a.img") == true)
        #expect(rule.match.port == 80 && rule.match.methods == ["GET", "HEAD"])
        #expect(rule.match.clients == nil, "anyone, the engine too")
        let some = try self.rule("kind: ntp.unreachable, where: {role: controller}")
        #expect(some?.match.clients == ["ctl01", "ctl02"])
    }

    @Test(
        "counts as the file says",
        arguments: [
            ("", Occurrence.always), (", when: {first: 2}", .first(2, perClient: false)),
            (", when: {first: 2, per: client}", .first(2, perClient: true)),
            (", when: {every: 5, per: total}", .every(5, perClient: false)),
        ]
    )
    func occurrence(when: String, occurrence: Occurrence) throws {
        #expect(try rule("kind: dns.servfail\(when)")?.occurrence == occurrence)
    }

    @Test("leaves to the seed and its own id what is left to chance")
    func probability() throws {
        let fault = "kind: dns.servfail, when: {probability: 10%}"
        let one = try rule(fault)?.occurrence
        guard case .probability(0.1, let seed)? = one else {
            Issue.record("\(String(describing: one))")
            return
        }
        #expect(try rule(fault)?.occurrence == one)
        #expect(try rule(fault, seed: 8)?.occurrence != one)
        #expect(seed != 7)
    }

    @Test(
        "is refused with what is wrong, where, and a way out",
        arguments: [
            ("kind: http.stll", "t.yml:6:19: error: unknown fault “http.stll”; did you mean “http.stall”?"),
            ("kind: http.stall", "t.yml:6:5: error: http.stall has no args; add “args: {at: …}”"),
            ("kind: http.stall, args: {hold: 3s}", "args of http.stall has no “at”; add “at:”"),
            (
                "kind: http.stall, args: {at: 140%}",
                "t.yml:6:42: error: at: “140%” is no place in a body; write it like 40% or 4M"
            ),
            (
                "kind: http.stall, args: {att: 4M}",
                "unknown key “att” in args of http.stall; did you mean “at”?"
            ),
            ("kind: dns.servfail, args: {at: 4M}", "dns.servfail takes no “args”; remove it"),
            ("kind: dns.servfail, where: {url: /x}", "unknown key “url” in where of dns.servfail"),
            ("kind: ntp.unreachable, where: {host: x}", "unknown key “host” in where of ntp.unreachable"),
            (
                "kind: http.stall, args: {at: 4M}, where: {url: x}",
                "url “x” matches nothing: a path starts with /; write **/x"
            ),
            ("kind: dns.servfail, where: {host: '~('}", "host: “~(” is no regular expression"),
            (
                "kind: http.stall, args: {at: 4M}, where: {method: get}",
                "method “get” is never asked; write GET"
            ),
            ("kind: dns.servfail, when: {first: 2, nth: 3}", "first and nth exclude each other"),
            ("kind: dns.servfail, when: {per: client}", "per says how to count, and nothing is counted"),
            (
                "kind: dns.servfail, when: {probability: 0.1}",
                "probability cannot be read from “0.1”; write it like 10%"
            ),
            ("kind: dns.servfail, when: {match: x}", "when says neither at nor on; as in {at: 10s}"),
            ("kind: dns.servfail, when: {on: console}", "when on console has no “match”"),
            ("kind: dns.servfail, until: spent", "dns.servfail is never spent like this; write end"),
        ]
    )
    func refused(fault: String, words: String) throws {
        let error = try #require(throws: Diagnostics.self) { try scenario(fault) }
        #expect(error.description.contains(words), "\(error)")
        #expect(error.description.contains("t.yml:6:"))
    }

    @Test("is spent when all that it bit has ended, of each client")
    func spent() throws {
        var run = try run("\(stall), when: {first: 2, per: client}")
        #expect(run.arm().count == 1)
        func served(_ node: String) -> FaultSignal {
            .event(LabEvent("http.served", node: node, ["faults": "f"]))
        }
        #expect(run.receive(.bit(rule: "f", node: "ctl01")) == [.counted])
        for node in ["ctl01", "ctl01", "ctl01", "ctl02"] { #expect(run.receive(served(node)) == []) }
        #expect(run.receive(.event(LabEvent("http.served", node: "ctl02", ["faults": "other"]))) == [])
        #expect(run.receive(served("ctl02")).last == .healed)
    }

    @Test("of which one is bitten is spent after that one, whatever carried it")
    func spentAtOnce() throws {
        var run = try run("kind: dns.servfail, when: {nth: 3}, until: spent")
        _ = run.arm()
        #expect(
            run.receive(.event(LabEvent("dns.answered", node: "ctl02", ["faults": "a,f"]))).last == .healed
        )
    }

    @Test("is installed at its moment, once, for all of its nodes")
    func triggers() throws {
        var onConsole = try run("kind: dns.servfail, when: {on: console, match: Installing, first: 1}")
        #expect(onConsole.arm() == [])
        let line = LabEvent("console.line", node: "ctl02", ["line": "==> Installing"])
        let steps = onConsole.receive(.event(line))
        guard case .apply(.rule(let rule))? = steps.first else {
            Issue.record("\(steps)")
            return
        }
        #expect(rule.occurrence == .first(1, perClient: false) && rule.match.clients == nil)
        #expect(onConsole.receive(.event(line)) == [])
        #expect(onConsole.receive(.stop) == [.heal(.rule(rule)), .healed])

        var later = try run("kind: dns.servfail, when: {at: 10s}")
        #expect(later.arm() == [])
        #expect(later.receive(.engineStarted) == [.wait(.seconds(10), key: "begin")])
        #expect(later.receive(.stop) == [.healed], "nothing was installed")
        #expect(later.receive(.waited("begin")).count == 1)
    }

    @Test("begins in the middle of a download, which waits until it is installed")
    func download() throws {
        var run = try run("kind: dns.servfail, when: {on: http, url: /disk.img, at: 40%}")
        guard case .apply(.pause(let pause))? = run.arm().first else {
            Issue.record("no pause")
            return
        }
        #expect(pause.id == "f@trap" && pause.nodes == nil && pause.place == .percent(40))
        let steps = run.receive(.paused(rule: pause.id))
        guard case .apply(let change)? = steps.first else {
            Issue.record("\(steps)")
            return
        }
        #expect(run.receive(.applied(change)) == [.release(rule: pause.id), .heal(.pause(pause))])
        #expect(run.receive(.paused(rule: pause.id)) == [.release(rule: pause.id)])
    }

    @Test("can be read aloud")
    func prose() throws {
        func prose(_ fault: String) throws -> String? { try scenario(fault).faults.first?.kind.prose }
        #expect(
            try prose("\(stall), when: {first: 2, per: client}")
                == "A download stops in the middle, with neither an error nor an end (at 40%): "
                + "the first 2 requests of each client for **/disk.img by anyone, from the begin on"
        )
        #expect(
            try prose(
                "kind: dns.servfail, where: {role: controller, host: '*.org'}, when: {at: 10s, every: 3}"
            )
                == "The name server says that it failed (SERVFAIL): "
                + "one look-up in 3 at *.org by all controllers, 10.0s after the engine has started"
        )
    }

    /// Whatever may be said in `when` and `until`, with a fault that the simulated nodes meet.
    static let survivable = [
        "when: {first: 2, per: client}", "when: {first: 3}", "when: {nth: 1}", "until: {after: 5s}",
        "when: {at: 1s}, until: {after: 40s}", "when: {on: console, match: 'Setting up'}, until: {after: 5s}",
        "when: {on: http, url: '**/disk.img', at: 10%, first: 1}",
    ]

    @Test(
        "is survived by an engine that copes, and leaves nothing behind",
        arguments: survivable,
        UInt64(0)..<5
    )
    func simulated(words: String, seed: UInt64) throws {
        var simulation = Simulation(
            try scenario("\(stall), \(words)"),
            on: QuickScenarios.pod,
            engine: .copes,
            seed: seed
        )
        let end = simulation.run()
        let verdict = try #require(end)
        #expect(verdict.outcome == .passed, "\(verdict.reasons)")
        #expect(verdict.faults.first?.applied ?? 0 > 0)
    }

    @Test("that nobody meets proves nothing, whatever the engine did")
    func neverBit() throws {
        var simulation = Simulation(
            try scenario("kind: dns.servfail, when: {first: 1}"),
            on: QuickScenarios.pod,
            engine: .copes,
            seed: 1
        )
        let end = simulation.run()
        let verdict = try #require(end)
        #expect(verdict.outcome == .inconclusive)
        #expect(verdict.reasons.first == "fault “f” (dns.servfail) never bit: nothing was tested")
    }
}

@Suite("How often something outside was asked")
struct CountTests {
    private func finding(_ expectation: String, _ events: [LabEvent]) throws -> Finding {
        let text = """
            scenario: t
            pod: pod1
            faults: [{id: f, kind: dns.servfail}]
            expect: {recover: [{\(expectation)}]}
            """
        let (scenario, _) = try ScenarioReader.read(text: text, file: "t.yml")
        let kind = try #require(scenario.recover.first).kind
        var watch = kind.watch(Array(QuickScenarios.pod.nodes.prefix(2)))
        for event in events { watch.observe(event) }
        return watch.finding
    }

    private func served(_ node: String, _ status: String, _ source: String) -> LabEvent {
        LabEvent("http.served", node: node, ["host": "a", "path": "/x", "status": status, "source": source])
    }

    @Test(
        "is counted by node, status and who answered",
        arguments: [
            ("", "ctl01 2, ctl02 1"), (", status: 404", "ctl01 1, ctl02 0"),
            (", status: '5??'", "ctl01 0, ctl02 1"),
            (", source: origin", "ctl01 2, ctl02 0"), (", source: fault", "ctl01 0, ctl02 1"),
            (", host: b", "ctl01 0, ctl02 0"),
        ]
    )
    func http(words: String, saw: String) throws {
        let events = [
            served("ctl01", "200", "origin"), served("ctl01", "404", "origin"),
            served("ctl02", "503", "fault"),
            LabEvent("http.served", ["host": "a", "path": "/x"]),
        ]
        #expect(try finding("http.requests: {url: /x, per_client: '>=0'\(words)}", events).saw == saw)
    }

    @Test("is counted by server and port")
    func tcp() throws {
        let events = ["22", "443"].map {
            LabEvent("tcp.served", node: "ctl01", ["host": "a.org", "port": $0])
        }
        #expect(
            try finding("tcp.served: {host: '*.org', per_client: '<=2'}", events).saw == "ctl01 2, ctl02 0"
        )
        #expect(try finding("tcp.served: {port: 22, per_client: '<=2'}", events).saw == "ctl01 1, ctl02 0")
    }

    @Test("is counted by name and answer")
    func dns() throws {
        let events = ["NOERROR", "SERVFAIL"].map {
            LabEvent("dns.answered", node: "ctl01", ["name": "a.org", "code": $0])
        }
        #expect(try finding("dns.answered: {per_client: '<=2'}", events).saw == "ctl01 2, ctl02 0")
        #expect(
            try finding("dns.answered: {host: '*.org', code: SERVFAIL, per_client: '<=2'}", events).saw
                == "ctl01 1, ctl02 0"
        )
        #expect(
            try finding("dns.answered: {per_client: '<=1'}", events) == .violated(saw: "ctl01 2, ctl02 0")
        )
    }
}
