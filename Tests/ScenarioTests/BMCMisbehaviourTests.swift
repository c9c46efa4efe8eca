import IPMI
import LabModel
import Testing

@testable import Scenario

@Suite("A fault of BMCs")
struct BMCMisbehaviourTests {
    private func scenario(_ fault: String) throws -> Scenario {
        let text = """
            scenario: t
            pod: pod1
            budget: {wall: 10m}
            faults:
              - {id: f, \(fault)}
            expect:
              recover: [{engine.status: {is: SUCCESSFUL, within: 5m}}]
            """
        return try ScenarioReader.read(text: text, file: "t.yml").0
    }

    private func run(_ fault: String) throws -> any FaultRun {
        let kind = try #require(try scenario(fault).faults.first).kind
        return kind.run(
            id: "f",
            nodes: Array(QuickScenarios.pod.nodes.prefix(2)),
            pod: QuickScenarios.pod,
            seed: 0
        )
    }

    private func begun(_ node: String, _ misbehaviour: Misbehaviour = .unreachable) -> FaultStep {
        .apply(.misbehaviour(id: "f", node: node, misbehaviour))
    }

    @Test("is there for every way in which a BMC can misbehave", arguments: MisbehaviourForm.all.map(\.name))
    func every(name: String) throws {
        let kind = try #require(try scenario("kind: bmc.\(name)").faults.first).kind
        #expect(kind.form.name == "bmc.\(name)")
        #expect((kind as? BMCMisbehaviour)?.misbehaviour == (try Misbehaviour(name)))
        #expect(kind.prose.contains(kind.form.summary))
    }

    @Test(
        "is refused with what is wrong, and where",
        arguments: [
            ("kind: bmc.slo", "unknown fault “bmc.slo”"),
            ("kind: bmc.slow, args: {dely: 2s}", "unknown key “dely”"),
            ("kind: bmc.slow, args: {delay: soon}", "“soon” is no time of at most an hour"),
            ("kind: bmc.unreachable, args: {delay: 2s}", "bmc.unreachable takes no “args”"),
            ("kind: bmc.unreachable, when: {on: engine}", "when on engine has no “match”"),
        ]
    )
    func refused(fault: String, words: String) throws {
        let error = try #require(throws: Diagnostics.self) { try scenario(fault) }
        #expect(error.description.contains(words), "\(error)")
        #expect(error.description.contains("t.yml:5:"))
    }

    @Test("begins before the engine does, counts each bite, and is taken back from all")
    func fromTheBegin() throws {
        var run = try run("kind: bmc.slow, args: {delay: 5s}")
        #expect(run.arm() == [begun("ctl01", .slow(.seconds(5))), begun("ctl02", .slow(.seconds(5)))])
        #expect(run.receive(.engineStarted) == [])
        #expect(run.receive(.bit(rule: "f", node: "ctl01")) == [.counted])
        #expect(run.receive(.bit(rule: "other", node: "ctl01")) == [])
        let stop = run.receive(.stop)
        #expect(stop.contains(.heal(.misbehaviour(id: "f", node: "ctl01", .slow(.seconds(5))))))
        #expect(stop.contains(.heal(.misbehaviour(id: "f", node: "ctl02", .slow(.seconds(5))))))
        #expect(stop.last == .healed)
    }

    @Test("begins for each node at its own moment, once")
    func triggers() throws {
        var onConsole = try run("kind: bmc.unreachable, when: {on: console, match: Installing}")
        #expect(onConsole.arm() == [])
        let line = LabEvent("console.line", node: "ctl02", ["line": "==> Installing"])
        #expect(onConsole.receive(.event(line)) == [begun("ctl02")])
        #expect(onConsole.receive(.event(line)) == [])
        #expect(onConsole.receive(.stop).count == 2)

        var later = try run("kind: bmc.unreachable, when: {at: 10s}")
        #expect(later.arm() == [])
        #expect(later.receive(.engineStarted) == [.wait(.seconds(10), key: "begin")])
        #expect(later.receive(.waited("begin")) == [begun("ctl01"), begun("ctl02")])
    }

    @Test("catches a download in its middle, and lets it go on once the BMC misbehaves")
    func download() throws {
        var run = try run("kind: bmc.unreachable, when: {on: http, url: /disk.img, at: 40%}")
        #expect(run.arm().count == 2)
        #expect(run.receive(.paused(rule: "f@ctl01")) == [begun("ctl01")])
        let change = Change.misbehaviour(id: "f", node: "ctl01", .unreachable)
        #expect(run.receive(.applied(change)) == [.release(rule: "f@ctl01")])
        #expect(run.receive(.paused(rule: "f@ctl01")) == [.release(rule: "f@ctl01")])
    }

    @Test("can be undone by whoever finds its journal", arguments: [true, false])
    func undone(again: Bool) async throws {
        let lab = MemoryLab()
        let change = Change.misbehaviour(id: "f", node: "ctl01", .unreachable)
        try lab.misbehave("ctl01", .unreachable, for: "f")
        #expect(!lab.isWhole)
        try await lab.heal(change.remedy)
        if again { try await lab.heal(change.remedy) }
        #expect(lab.isWhole)
    }

    @Test("is survived by an engine that copes, whatever the seed", arguments: UInt64(0)..<20)
    func simulated(seed: UInt64) throws {
        var simulation = Simulation(
            try scenario("kind: bmc.slow, until: {after: 5s}"),
            on: QuickScenarios.pod,
            engine: .copes,
            seed: seed
        )
        let end = simulation.run()
        let verdict = try #require(end)
        #expect(verdict.outcome == .passed, "\(verdict.reasons)")
        #expect(verdict.faults.first?.applied ?? 0 > 0)
        #expect(simulation.misbehaving.isEmpty)
    }
}
