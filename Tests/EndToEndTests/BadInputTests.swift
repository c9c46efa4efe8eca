import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite("What is wrong is said and leaves nothing", .serialized)
    struct BadInput {
        /// The files of pod-mini, to be spoilt.
        private static func file(_ name: String) throws -> String {
            try String(contentsOfFile: "\(Project.folder)/Scenarios/pods/pod-mini/\(name)", encoding: .utf8)
        }

        /// One way to spoil a pod's files, and what must be said of it.
        struct Spoilt: Sendable, CustomTestStringConvertible {
            var what: String
            var file: String
            var from: String
            var to: String
            var message: String
            var testDescription: String { what }
        }

        private static let spoilt = [
            Spoilt(
                what: "not YAML",
                file: "network.yml",
                from: "ip_settings:",
                to: "ip_settings: [",
                message: "error: "
            ),
            Spoilt(
                what: "an unknown key of a host",
                file: "dha.yml",
                from: "    roles: [compute]",
                to: "    roles: [compute]\n    colour: blue",
                message: "dha.yml:16:5: error: unknown key “colour”"
            ),
            Spoilt(
                what: "one MAC for two hosts",
                file: "dha.yml",
                from: "roles: [controller, ha]",
                to: "roles: [controller, ha]\n    interfaces: [{eth0: '52:54:00:00:00:01'}]",
                message: "52:54:00:00:00:01"
            ),
            Spoilt(
                what: "one BMC address for two hosts",
                file: "dha.yml",
                from: "192.168.20.201",
                to: "192.168.20.203",
                message: "192.168.20.203"
            ),
            Spoilt(
                what: "a range outside its network",
                file: "network.yml",
                from: "[[\"10.20.0.50\", \"10.20.0.59\"]]",
                to: "[[\"10.21.0.50\", \"10.21.0.59\"]]",
                message: "10.21.0.50"
            ),
        ]

        @Test(
            "of where a command prints to",
            .timeLimit(.minutes(1)),
            arguments: ["vlab pod check Scenarios/pods/pod1", "vdeploy policies", "vdeploy policies default"]
        )
        func standardOutput(line: String) async throws {
            try await Workspace.with { workspace in
                func shell(_ place: String) async throws -> Command.Result {
                    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
                    let program = "'\(try Project.program(words[0]))' \(words[1])"
                    let command = ["-c", "set -o pipefail; \(program) \(place)"]
                    return try await Command("/bin/bash", command, environment: [:], notes: workspace.notes)
                        .end(within: .seconds(30))
                }
                let full = try await shell(">/dev/full")
                #expect(full.status == 1)
                #expect(full.errors.contains("standard output: cannot be written: No space left"), "\(full)")
                // Who reads no more wanted no more.
                let left = try await shell("| true")
                #expect(left.errors.isEmpty, "\(left)")
            }
        }

        @Test("of a pod", .timeLimit(.minutes(1)), arguments: spoilt)
        func pod(_ spoilt: Spoilt) async throws {
            try await Workspace.with { workspace in
                for name in ["network.yml", "dha.yml"] {
                    var text = try Self.file(name)
                    if name == spoilt.file {
                        try #require(text.contains(spoilt.from))
                        text = text.replacingOccurrences(of: spoilt.from, with: spoilt.to)
                        if spoilt.what.contains("MAC") {
                            text = text.replacingOccurrences(
                                of: "roles: [compute]",
                                with: "roles: [compute]\n    interfaces: [{eth0: '52:54:00:00:00:01'}]"
                            )
                        }
                    }
                    _ = try workspace.write(text, to: "spoilt/\(name)")
                }
                let up = try await workspace.vlab("up", "\(workspace.folder)/spoilt")
                #expect(up.status != 0)
                #expect(up.errors.contains("spoilt/\(spoilt.file):"), "\(up)")
                #expect(up.errors.contains(spoilt.message), "\(up)")
                #expect(up.output.isEmpty)
                try expectNothing(in: workspace)
                let run = try await workspace.vlab(
                    "run",
                    "Scenarios/quick/nic-flap.yml",
                    "--pod",
                    "\(workspace.folder)/spoilt"
                )
                #expect(run.status == 64, "\(run)")
                try expectNothing(in: workspace)
            }
        }

        private func expectNothing(in workspace: Workspace) throws {
            #expect(!FileManager.default.fileExists(atPath: "\(workspace.folder)/vlab/labs/spoilt"))
            #expect(try workspace.processes().isEmpty)
        }

        @Test("of names", .timeLimit(.minutes(1)))
        func names() async throws {
            try await Workspace.with { workspace in
                let rows: [([String], String)] = [
                    (["up", "pod-minni"], "pod “pod-minni”: not found: did you mean “pod-mini”?"),
                    (["up", "/nowhere/pod"], "pod “/nowhere/pod”: not found"),
                    (["up", "pod-mini", "--as", "Pod_1"], "lab \"Pod_1\": not a name for a lab"),
                    (["up", "pod-mini", "--as", "../x"], "not a name for a lab"),
                    (["status", "nolab"], "nolab: there is no such lab"),
                    (["power", "nolab", "on"], "nolab: there is no such lab"),
                    (["exec", "nolab", "--", "true"], "nolab: there is no such lab"),
                    (["ssh", "nolab", "ctl01"], "nolab: there is no such lab"),
                    (["virsh", "nolab", "list"], "nolab: there is no such lab"),
                    (["logs", "nolab"], "nolab: there is no such lab"),
                    (["console", "nolab", "ctl01", "--follow"], "nolab: there is no such lab"),
                ]
                for (arguments, message) in rows {
                    let result = try await workspace.start(arguments).end(within: .seconds(30))
                    #expect(result.status == 1, "\(result)")
                    #expect(result.errors.contains(message), "\(result)")
                    #expect(result.output.isEmpty, "\(result)")
                }
                let usage = try await workspace.vlab("power", "nolab", "explode")
                #expect(usage.status == 64, "\(usage)")
                #expect(try workspace.processes().isEmpty)
                #expect(try await workspace.done("list", "--format", "json") == "[\n\n]\n")
            }
        }

        @Test("of a scenario", .timeLimit(.minutes(1)))
        func scenario() async throws {
            try await Workspace.with { workspace in
                let good = try String(
                    contentsOfFile: "\(Project.folder)/Scenarios/quick/nic-flap.yml",
                    encoding: .utf8
                )
                let rows: [(String, String, String)] = [
                    (
                        "kind: link.flap", "kind: link.flop",
                        "unknown fault “link.flop”; did you mean “link.flap”?"
                    ),
                    (
                        "{role: controller, pick: 1, nic: mgmt}", "{node: ctl09, nic: mgmt}",
                        "has no node “ctl09”"
                    ),
                    ("{role: controller, pick: 1, nic: mgmt}", "{node: ctl01, nic: eth7}", "eth7"),
                    ("cycles: 4", "cycles: many", "cycles"),
                    ("pick: 1", "pick: 5", "cannot pick 5 of 1 node"),
                    ("within: 12m", "within: 12 parsecs", "within"),
                ]
                for (index, (from, to, message)) in rows.enumerated() {
                    try #require(good.contains(from))
                    let text = good.replacingOccurrences(of: from, with: to)
                    let path = try workspace.write(text, to: "bad-\(index).yml")
                    let run = try await workspace.vlab("run", path, "--pod", "pod-mini", within: .seconds(30))
                    #expect(run.status == 64, "\(run)")
                    #expect(run.errors.contains("bad-\(index).yml:"), "\(run)")
                    #expect(run.errors.contains(message), "\(run)")
                }
                let missing = try await workspace.vlab("run", "Scenarios/quick/nothing.yml")
                #expect(missing.status == 64, "\(missing)")
                #expect(missing.errors.contains("Scenarios/quick/nothing.yml"), "\(missing)")
                #expect(try workspace.processes().isEmpty)
                #expect(try await workspace.done("list", "--format", "json") == "[\n\n]\n")
            }
        }

        @Test("of a lab's name that another pod's files have", .timeLimit(.minutes(2)))
        func taken() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-mini")
                let other = try await workspace.vlab("up", "pod1", "--as", "pod-mini")
                #expect(other.status == 1)
                #expect(
                    other.errors.contains("pod-mini: the name is taken by another pod's files"),
                    "\(other)"
                )
                #expect(other.errors.contains("--as"), "\(other)")
                let run = try await workspace.vlab("run", "Scenarios/quick/nic-flap.yml", "--as", "pod-mini")
                #expect(run.status == 3, "\(run)")
                #expect(run.errors.contains("the name is taken"), "\(run)")
                #expect(try await lab.bmc("ctl01", "power status") == "Chassis Power is off\n")
                let node = try await workspace.vlab("ssh", "pod-mini", "ctl09")
                #expect(node.status == 1)
                #expect(node.errors.contains("there is no node ctl09"), "\(node)")
                let console = try await workspace.vlab(
                    "console",
                    "pod-mini",
                    "ctl09",
                    "--follow",
                    within: .seconds(20)
                )
                #expect(console.status == 1)
                #expect(console.errors.contains("there is no node ctl09"), "\(console)")
                let program = try await lab.exec("no-such-program")
                #expect(program.status == 127, "\(program)")
            }
        }
    }

    @Suite("An engine", .serialized)
    struct Engines {
        /// What an engine needs to be judged: a fault that bites as soon as it runs.
        private static func scenario(budget: String = "2m", expect: String = "SUCCESSFUL") -> String {
            """
            scenario: any-engine
            pod: pod-mini
            budget: {wall: \(budget)}
            faults:
              - id: cut
                kind: link.flap
                where: {node: ctl01, nic: eth0}
                args: {down: 1s, up: 1s, cycles: 1}
            expect:
              recover:
                - engine.status: {is: \(expect)}
            """
        }

        private func run(
            _ text: String,
            _ engine: [String],
            _ body: (Command.Result, RunFiles) throws -> Void
        ) async throws {
            try await Workspace.with { workspace in
                let path = try workspace.write(text, to: "any-engine.yml")
                let result = try await workspace.start(["run", path, "--"] + engine).end(
                    within: .seconds(100)
                )
                try body(result, try workspace.newestRun())
                #expect(try workspace.processes().isEmpty)
                #expect(try await workspace.done("list", "--format", "json") == "[\n\n]\n")
            }
        }

        @Test("that does not exist makes the run broken", .timeLimit(.minutes(2)))
        func missing() async throws {
            try await run(Self.scenario(), ["no-such-engine"]) { (result, run) throws in
                #expect(result.status == 3, "\(result)")
                #expect(try run.verdict().outcome == "broken")
                let said = result.output + result.errors
                #expect(said.contains("no-such-engine: there is no such program"), "\(result)")
                #expect(try run.junit().attributes["errors"] != "0")
            }
        }

        @Test("that ends at once before its fault bites is judged inconclusive", .timeLimit(.minutes(2)))
        func atOnce() async throws {
            let text = Self.scenario().replacingOccurrences(
                of: "cycles: 1}",
                with: "cycles: 1}\n    when: {on: http, url: \"**/disk.img*\", at: 40%}"
            )
            try await run(text, ["sh", "-c", "echo hello from the engine; exit 0"]) { (result, run) throws in
                #expect(result.status == 2, "\(result)")
                let verdict = try run.verdict()
                #expect(verdict.outcome == "inconclusive")
                #expect(verdict.reasons.first?.contains("never bit: nothing was tested") == true)
                #expect(try run.text("engine.log") == "hello from the engine\n")
                #expect(try run.changes().open == 0)
            }
        }

        @Test("that ends with an error fails, and is told with its last line", .timeLimit(.minutes(2)))
        func fails() async throws {
            try await run(Self.scenario(), ["sh", "-c", "sleep 3; echo out of luck; exit 5"]) {
                (result, run) throws in
                #expect(result.status == 1, "\(result)")
                #expect(try run.verdict().outcome == "failed")
                #expect(result.output.contains("exit status 5; its last line: out of luck"), "\(result)")
                #expect(try run.junit().attributes["failures"] == "1")
            }
        }

        @Test("that never ends is ended when the budget is used up", .timeLimit(.minutes(2)))
        func never() async throws {
            try await run(Self.scenario(budget: "8s"), ["sleep", "4243"]) { (result, run) throws in
                #expect(result.status == 1, "\(result)")
                let verdict = try run.verdict()
                #expect(verdict.outcome == "failed")
                #expect(verdict.engine == "still running")
                #expect(verdict.seconds >= 8 && verdict.seconds < 30, "\(verdict.seconds)")
                #expect(result.output.contains("the budget of 8.0s was used up"), "\(result)")
            }
        }

        @Test("in a lab that was up leaves it as it found it", .timeLimit(.minutes(2)))
        func inLab() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-mini")
                let path = try workspace.write(Self.scenario(), to: "any-engine.yml")
                let result = try await workspace.start(["run", path, "--", "sleep", "5"]).end(
                    within: .seconds(60)
                )
                #expect(result.status == 0, "\(result)")
                #expect(try workspace.newestRun().changes().open == 0)
                #expect(try await lab.status().nodes.allSatisfy { $0.linksDown.isEmpty })
                #expect(try lab.processes().contains { $0.id == lab.supervisor.id })
                let second = try await workspace.start(["run", path, "--", "sleep", "5"]).end(
                    within: .seconds(60)
                )
                #expect(second.status == 0, "\(second)")
            }
        }
    }
}
