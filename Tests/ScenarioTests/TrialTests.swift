import Gateway
import LabModel
import Testing

@testable import Scenario

@Suite("A trial")
struct TrialTests {
    private func scenario(_ expect: String, until: String = "end") throws -> Scenario {
        let text = """
            scenario: t
            pod: pod1
            budget: {wall: 10m}
            faults:
              - {id: n, kind: ntp.unreachable, until: \(until)}
            expect:
            \(expect)
            """
        return try ScenarioReader.read(text: text, file: "t.yml").0
    }

    /// A trial whose engine runs and whose fault has bitten, at second 1, if at all.
    private func running(_ expect: String, until: String = "end", bitten: Bool = true) throws -> Trial {
        let pod = QuickScenarios.pod
        var trial = Trial(try scenario(expect, until: until), on: pod)
        _ = trial.receive(.begin, at: .zero)
        for node in pod.nodes { _ = trial.receive(.probed(node: node.name, answers: true), at: .zero) }
        let rule = Rule(id: "n", "ntp.unreachable")
        let actions = trial.receive(.applied(.rule(rule)), at: .zero)
        #expect(actions.contains { if case .startEngine = $0 { true } else { false } })
        if bitten { _ = trial.receive(.event(bite), at: .seconds(1)) }
        return trial
    }

    private let bite = LabEvent("fault.applied", node: "ctl01", ["fault": "n"])

    private func verdict(_ actions: [Trial.Action]) -> Verdict? {
        for case .finish(let verdict) in actions { return verdict }
        return nil
    }

    private let successful = "  recover: [{engine.status: {is: SUCCESSFUL, within: 60s}}]"

    @Test("does not start in a lab whose BMCs do not answer")
    func unhealthy() throws {
        var trial = Trial(try scenario(successful), on: QuickScenarios.pod)
        _ = trial.receive(.begin, at: .zero)
        let verdict = verdict(trial.receive(.probed(node: "ctl02", answers: false), at: .seconds(1)))
        #expect(verdict?.outcome == .broken)
        #expect(verdict?.reasons.first == "before any fault, the BMC of ctl02 does not answer")
    }

    @Test("ends when a BMC that is asked before the start gives no word at all")
    func silentBMC() throws {
        let pod = QuickScenarios.pod
        var trial = Trial(try scenario(successful), on: pod)
        _ = trial.receive(.begin, at: .zero)
        for node in pod.nodes where node.name != "ctl02" {
            _ = trial.receive(.probed(node: node.name, answers: true), at: .zero)
        }
        #expect(trial.deadline == .seconds(90))
        #expect(verdict(trial.receive(.tick, at: .seconds(89))) == nil)
        let verdict = verdict(trial.receive(.tick, at: .seconds(90)))
        #expect(verdict?.outcome == .broken)
        #expect(
            verdict?.reasons.first
                == "before the engine's start: no word from the BMC of ctl02 within 1m30s"
        )
    }

    @Test("ends when a fault that is to be there before the start is not made")
    func slowFault() throws {
        let pod = QuickScenarios.pod
        var trial = Trial(try scenario(successful), on: pod)
        _ = trial.receive(.begin, at: .zero)
        for node in pod.nodes { _ = trial.receive(.probed(node: node.name, answers: true), at: .zero) }
        let verdict = verdict(trial.receive(.tick, at: .seconds(90)))
        #expect(verdict?.outcome == .broken)
        #expect(
            verdict?.reasons.first
                == "before the engine's start: not armed: fault “n” (ntp.unreachable) within 1m30s"
        )
    }

    @Test("fails as soon as something happens that never must, with what was seen")
    func never() throws {
        var trial = try running("  during: [{never: {console: 'Kernel panic'}}]\n" + successful)
        let line = LabEvent("console.line", node: "cmp001", ["line": "Kernel panic - not syncing"])
        let verdict = verdict(trial.receive(.event(line), at: .seconds(3)))
        #expect(verdict?.outcome == .failed)
        #expect(
            verdict?.reasons.first
                == "t.yml:7: expected that no console shows “Kernel panic”; saw: cmp001: Kernel panic - not syncing"
        )
    }

    @Test("fails when what is expected comes too late")
    func late() throws {
        var trial = try running(successful)
        #expect(trial.deadline == .seconds(61))
        #expect(verdict(trial.receive(.tick, at: .seconds(60))) == nil)
        let verdict = verdict(trial.receive(.tick, at: .seconds(61)))
        #expect(verdict?.outcome == .failed)
        #expect(verdict?.reasons.first?.contains("it was still running (1m00s after the last fault)") == true)
    }

    @Test("counts the time to recover from the end of the last fault")
    func recoveryClock() throws {
        var trial = try running(successful, until: "{after: 30s}")
        #expect(trial.deadline == .seconds(31))
        let actions = trial.receive(.tick, at: .seconds(31))
        #expect(actions.contains { if case .heal = $0 { true } else { false } })
        #expect(trial.deadline == .seconds(91))
        let verdict = verdict(trial.receive(.engineEnded(.exited(0)), at: .seconds(41)))
        #expect(verdict?.outcome == .passed)
        #expect(verdict?.secondsToRecover == 10)
        #expect(verdict?.faults.first?.healed == 31)
    }

    @Test("heals a fault at the moment that the file names")
    func moment() throws {
        var trial = try running(successful, until: "{on: engine, match: 'reinstall'}")
        #expect(
            trial.receive(.engineLine("reinstall ctl01"), at: .seconds(5)).contains { action in
                if case .heal(.rule(let rule)) = action { rule.id == "n" } else { false }
            }
        )
    }

    @Test(
        "is broken, not failed, when the lab fails",
        arguments: [
            Trial.Message.labFailed("link of ctl01 eth0 down: libvirt: no domain"),
            .event(LabEvent("lab.down")),
        ]
    )
    func broken(message: Trial.Message) throws {
        var trial = try running(successful)
        let verdict = verdict(trial.receive(message, at: .seconds(2)))
        #expect(verdict?.outcome == .broken)
        #expect(verdict?.outcome.exitStatus == 3)
    }

    @Test("calls a failure the lab's where the scenario does")
    func classified() throws {
        let classify = "\n  classify: [{when: {console: 'Out of memory'}, as: lab-bug}]"
        var trial = try running(successful + classify)
        _ = trial.receive(
            .event(LabEvent("console.line", node: "ctl01", ["line": "Out of memory: sh"])),
            at: .seconds(2)
        )
        let verdict = verdict(trial.receive(.engineEnded(.exited(1)), at: .seconds(3)))
        #expect(verdict?.outcome == .broken)
        #expect(verdict?.classification == .labBug)
    }

    @Test("waits a moment for word of a bite that the engine's end has overtaken")
    func overtaken() throws {
        var trial = try running(successful, bitten: false)
        #expect(verdict(trial.receive(.engineEnded(.exited(0)), at: .seconds(3))) == nil)
        #expect(verdict(trial.receive(.event(bite), at: .seconds(3.01)))?.outcome == .passed)
        trial = try running(successful, bitten: false)
        #expect(verdict(trial.receive(.engineEnded(.exited(0)), at: .seconds(3))) == nil)
        #expect(verdict(trial.receive(.tick, at: .seconds(6)))?.outcome == .inconclusive)
    }

    @Test("lets go of every download that is caught after its end")
    func afterwards() throws {
        var trial = try running(successful)
        _ = trial.receive(.engineEnded(.exited(0)), at: .seconds(3))
        let actions = trial.receive(.paused(rule: "x"), at: .seconds(4))
        #expect(actions.count == 1)
        if case .release("x")? = actions.first {} else { Issue.record("not released: \(actions)") }
    }

    @Test("sees storms and missing retries in the number of requests")
    func requests() throws {
        let expect = "  recover: [{http.requests: {role: compute, url: '**/disk.img', per_client: '2..3'}}]"
        func outcome(requests: Int) throws -> (Verdict.Outcome?, String?) {
            var trial = try running(expect)
            var last: Verdict?
            for _ in 0..<requests {
                for node in ["cmp001", "cmp002"] {
                    let event = LabEvent("http.served", node: node, ["host": "h", "path": "/a/disk.img"])
                    last = last ?? verdict(trial.receive(.event(event), at: .seconds(2)))
                }
            }
            last = last ?? verdict(trial.receive(.engineEnded(.exited(0)), at: .seconds(3)))
            last = last ?? verdict(trial.receive(.tick, at: .seconds(9)))
            return (last?.outcome, last?.reasons.first)
        }
        #expect(try outcome(requests: 1).0 == .failed)
        #expect(try outcome(requests: 2).0 == .passed)
        #expect(try outcome(requests: 3).0 == .passed)
        let storm = try outcome(requests: 4)
        #expect(storm.0 == .failed)
        #expect(
            storm.1
                == "t.yml:7: expected that each of all computes requests **/disk.img 2..3 times; saw: cmp001 4, cmp002 3"
        )
    }
}
