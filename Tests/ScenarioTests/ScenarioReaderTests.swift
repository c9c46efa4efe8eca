import Foundation
import LabModel
import TestSupport
import Testing

@testable import Scenario

@Suite("A scenario's file")
struct ScenarioReaderTests {
    private static let good = """
        scenario: t
        pod: pod1
        seed: 7
        faults:
          - id: flap
            kind: link.flap
            where: {role: controller, pick: 1, nic: mgmt}
            args: {down: 3s, up: 2s, cycles: 4}
            when: {on: http, url: "**/disk.img", at: 40%}
        expect:
          recover:
            - engine.status: {is: SUCCESSFUL, within: 25m}

        """

    private func problems(_ text: String) -> [String] {
        do {
            return try ScenarioReader.read(text: text, file: "s.yml").1.map(\.description)
        } catch {
            return error.all.map(\.description)
        }
    }

    @Test("that the project ships is right, and fits its pods", arguments: QuickScenarios.names)
    func shipped(name: String) throws {
        for variant in [name, "\(name)-compass"] {
            let (scenario, warnings) = try ScenarioReader.read("\(QuickScenarios.folder)/\(variant).yml")
            #expect(warnings.isEmpty)
            #expect(scenario.name == variant)
            try scenario.check(against: QuickScenarios.pod)
            try scenario.check(against: QuickScenarios.makePod(controllers: 1, computes: 1))
            #expect(scenario.explanation.allSatisfy { !$0.contains("Optional(") })
        }
    }

    @Test("of both directions breaks the same things", arguments: QuickScenarios.names)
    func directions(name: String) throws {
        let one = try QuickScenarios.read(name)
        let other = try QuickScenarios.read("\(name)-compass")
        #expect(one.faults.map(\.kind.prose) == other.faults.map(\.kind.prose))
        #expect(one.faults.map(\.until) == other.faults.map(\.until))
        #expect(one.engine.policy == "default" && other.engine.policy == "compass-gambia")
    }

    @Test("takes the engine of the pod's lab.yml where it names none")
    func usualEngine() {
        let unnamed = EngineSpec(pace: 3, arguments: ["--ntp-server", "a"])
        #expect(unnamed.or(.policy("mine")).policy == "mine")
        #expect(unnamed.or(.policy("mine")).pace == 3)
        #expect(unnamed.or(.command(["engine", "{pod}"])).command == ["engine", "{pod}"])
        #expect(unnamed.or(nil) == unnamed)
        #expect(EngineSpec(policy: "default").or(.command(["engine"])) == EngineSpec(policy: "default"))
        #expect(EngineSpec(command: ["one"]).or(.command(["two"])).command == ["one"])
    }

    @Test(
        "names every problem with its place and a way out",
        arguments: [
            Spoiling(
                "link.flap",
                "link.flop",
                "s.yml:6:11: error: unknown fault “link.flop”; did you mean “link.flap”?"
            ),
            Spoiling(
                "seed: 7",
                "sed: 7",
                "s.yml:3:1: error: unknown key “sed” in a scenario; did you mean “seed”?"
            ),
            Spoiling(
                "cycles: 4",
                "cycle: 4",
                "s.yml:8:11: error: args of link.flap has no “cycles”; add “cycles:”",
                "s.yml:8:30: error: unknown key “cycle” in args of link.flap; did you mean “cycles”?"
            ),
            Spoiling(
                "down: 3s",
                "down: 3",
                "s.yml:8:18: error: down cannot be read from “3”; write it like 250ms, 3s, 25m or 2h"
            ),
            Spoiling("on: http", "on: htp", "s.yml:9:16: error: on cannot be “htp”; did you mean “http”?"),
            Spoiling(
                ", at: 40%",
                "",
                "s.yml:9:11: error: when on http has no “at”; add “at: 40%” or “at: 4M”, the place in the body"
            ),
            Spoiling(
                "40%",
                "140%",
                "s.yml:9:46: error: at cannot be read from “140%”; write it like 40% or 4M"
            ),
            Spoiling(
                "at: 40%",
                "at: 40%, stage: x",
                "s.yml:9:51: error: “stage” means nothing on http; remove it"
            ),
            Spoiling(
                "**/disk.img",
                "disk.img",
                "s.yml:9:27: error: url “disk.img” matches nothing: a path starts with /; write **/disk.img"
            ),
            Spoiling(
                "pick: 1",
                "pick: some",
                "s.yml:7:37: error: pick cannot be read from “some”; write it like a number, minority, majority, all or random"
            ),
            Spoiling(
                "engine.status",
                "engine.state",
                "s.yml:12:7: error: unknown expectation “engine.state”; did you mean “engine.status”?"
            ),
            Spoiling(
                "is: SUCCESSFUL",
                "is: OK",
                "s.yml:12:27: error: is cannot be “OK”; use one of: ERROR, SUCCESSFUL"
            ),
            Spoiling(
                "recover:",
                "during:",
                "s.yml:12:7: error: no lasting expectation “engine.status”; use one of: bmc.reachable, dns.answered, http.requests, never, reboots, tcp.served"
            ),
            Spoiling(
                "id: flap",
                "id: fl ap",
                "s.yml:5:9: error: id cannot be read from “fl ap”; write it like slow-mirror: letters, digits and hyphens"
            ),
            Spoiling(
                "    where: {role: controller, pick: 1, nic: mgmt}\n",
                "",
                "s.yml:5:5: error: link.flap has no where; add “where: {node: …, nic: eth0}”"
            ),
            Spoiling(
                "expect:",
                "expct:",
                "s.yml:1:1: error: a scenario has no “expect”; add “expect:”",
                "s.yml:10:1: error: unknown key “expct” in a scenario; did you mean “expect”?"
            ),
            Spoiling(
                "seed: 7",
                "seed: 7\nseed: 8",
                "s.yml:4:1: error: “seed” is here twice, first in line 3; keep one of them"
            ),
            Spoiling(
                "seed: 7",
                "engine: {policy: default, command: [x]}",
                "s.yml:3:27: error: policy and command exclude each other; keep one of them"
            ),
        ]
    )
    func broken(spoiling: Spoiling) {
        let found = problems(spoiling.made(in: Self.good))
        #expect(found == spoiling.problems)
    }

    @Test(
        "names a policy that comes with the engine, or a file beside it",
        arguments: [
            ("./mine.yml", nil), ("mine.yml", nil), ("compass-gambia", nil),
            (
                "./gone.yml",
                "there is no policy ./gone.yml, and no file FOLDER/gone.yml; correct the path, which"
            ),
            ("../x/gone.yml", "and no file /"),
            ("defualt", "there is no policy defualt, and no file FOLDER/defualt; did you mean “default”?"),
            ("./folder", "and no file FOLDER/folder"),
        ] as [(String, String?)]
    )
    func policy(name: String, problem: String?) async throws {
        try await withScratchFolder { folder in
            try FileManager.default.createDirectory(
                atPath: "\(folder)/folder",
                withIntermediateDirectories: false
            )
            try "name: mine\n".write(toFile: "\(folder)/mine.yml", atomically: true, encoding: .utf8)
            let text = Self.good.replacingOccurrences(of: "seed: 7", with: "engine: {policy: \(name)}")
            let file = "\(folder)/s.yml"
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            var words: [String] = []
            do throws(Diagnostics) { _ = try ScenarioReader.read(file) } catch {
                words = error.all.map(\.description)
            }
            guard let problem else {
                #expect(words == [])
                return
            }
            try #require(words.count == 1)
            #expect(words[0].hasPrefix("\(file):3:18: error: "), "\(words)")
            #expect(words[0].contains(problem.replacingOccurrences(of: "FOLDER", with: folder)), "\(words)")
        }
    }

    @Test(
        "must fit the pod",
        arguments: [
            Spoiling(
                "role: controller",
                "role: controler",
                "s.yml:7:19: error: pod simulated has no node with the role “controler”; did you mean “controller”?"
            ),
            Spoiling(
                "role: controller, pick: 1",
                "node: ctl09",
                "s.yml:7:19: error: pod simulated has no node “ctl09”; did you mean “ctl01”?"
            ),
            Spoiling(
                "pick: 1",
                "pick: 4",
                "s.yml:7:37: error: cannot pick 4 of 3 nodes of pod simulated; pick at most 3"
            ),
            Spoiling(
                "nic: mgmt",
                "nic: eth7",
                "s.yml:7:45: error: pod simulated has no NIC or network “eth7”; did you mean “eth0”?"
            ),
        ]
    )
    func misfit(spoiling: Spoiling) throws {
        let text = spoiling.made(in: Self.good)
        let (scenario, _) = try ScenarioReader.read(text: text, file: "s.yml")
        let error = #expect(throws: Diagnostics.self) { try scenario.check(against: QuickScenarios.pod) }
        #expect(error?.all.map(\.description) == spoiling.problems)
    }

    @Test("can be read aloud")
    func explained() throws {
        let (scenario, _) = try ScenarioReader.read(text: Self.good, file: "s.yml")
        #expect(
            scenario.explanation.joined(separator: "\n") == """
                t on pod1, seed 7, at most 30m00s.
                The engine is vdeploy with the policy default.

                What goes wrong:
                  flap: mgmt of 1 of the controllers loses its link for 3.0s 4 times, with 2.0s between, beginning in the middle of a download of **/disk.img, at 40 %. The lab heals it: until it is spent.

                Once the last fault is over:
                  the engine's end is SUCCESSFUL within 25m00s.
                """
        )
    }
}
