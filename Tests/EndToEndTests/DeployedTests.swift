import Foundation
import LabModel
import TestSupport
import Testing

extension EndToEnd {
    @Suite("A pod deployed by hand", .serialized)
    struct Deployed {
        /// The lines of an engine's journal that tests look at.
        private struct Entry: Decodable {
            var event: String
            var node: String?
        }

        @Test("is finished by vdeploy resume after kill -9, and its nodes are real", .timeLimit(.minutes(10)))
        func resume() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-mini")
                let work = "\(lab.folder)/engine"
                let vdeploy = ["exec", "pod-mini", "--", try Project.program("vdeploy")]
                let pod = "\(Project.folder)/Scenarios/pods/pod-mini"
                let engine = try workspace.start(
                    vdeploy + [
                        "deploy", pod, "--work", work,
                        "--mirror", "http://mirror-a.vlab.test", "--mirror", "http://mirror-b.vlab.test",
                    ]
                )
                try await engine.says("installed, boots from its disk", within: .seconds(240))
                let before = try attempts(work)
                try lab.process("vdeploy", mentioning: "deploy").kill()
                #expect(try await engine.end(within: .seconds(20)).status != 0)
                let resumed = try await workspace.start(vdeploy + ["resume", "--work", work]).end(
                    within: .seconds(300)
                )
                #expect(resumed.status == 0, "\(resumed)")
                #expect(resumed.output.hasSuffix("deploy SUCCESSFUL\n"))
                let installed = engine.said.split(separator: "\n").filter {
                    $0.hasSuffix("installed, boots from its disk")
                }
                for line in installed {
                    let node = try #require(line.split(separator: " ").dropFirst(2).first.map(String.init))
                    #expect(try attempts(work)[node] == before[node], "\(node) is not installed again")
                }
                try await expectReal(lab)
            }
        }

        private func attempts(_ work: String) throws -> [String: Int] {
            let text = try String(contentsOfFile: "\(work)/journal.jsonl", encoding: .utf8)
            let entries = try text.split(separator: "\n").map {
                try JSONDecoder().decode(Entry.self, from: Data($0.utf8))
            }
            return entries.filter { $0.event == "attempt" }
                .reduce(into: [:]) { counts, entry in counts[entry.node ?? "", default: 0] += 1 }
        }

        private func expectReal(_ lab: RunningLab) async throws {
            let workspace = lab.workspace
            #expect(try await workspace.done("ssh", lab.name, "ctl01", "--", "hostname") == "ctl01\n")
            let addresses = try await workspace.done("ssh", lab.name, "ctl01", "--", "ip", "address")
            for address in ["10.20.0.50/24", "192.168.20.10/24", "192.168.102.1/24", "192.168.103.1/24"] {
                #expect(addresses.contains(address), "\(addresses)")
            }
            // Through the VLAN of the other node, from the one to the other.
            let ping = try await workspace.done(
                "ssh",
                lab.name,
                "ctl01",
                "--",
                "ping",
                "-c",
                "1",
                "192.168.102.2"
            )
            #expect(ping.contains("1 packets received"), "\(ping)")
            // The engine has ended, and with it its own name server.
            let name = try await workspace.done(
                "ssh",
                lab.name,
                "ctl01",
                "--",
                "nslookup",
                "mirror-a.vlab.test"
            )
            #expect(name.contains("198.18."), "\(name)")
            #expect(try await lab.status().node("ctl01").stage == "login prompt")
            try await expectKeys(lab)
            // ACPI's power button, which the system obeys; then the installed disk boots by itself.
            try await lab.bmc("ctl01", "power soft")
            try await lab.waitFor("ctl01", .off, within: .seconds(60))
            #expect(try await lab.bmc("ctl01", "power status") == "Chassis Power is off\n")
            let mark = lab.console("ctl01").count
            try await lab.bmc("ctl01", "power on")
            let text = try await lab.console("ctl01", says: "ctl01 login:", from: mark, within: .seconds(120))
            #expect(text.contains("Booting from Hard Disk"))
            #expect(!text.contains("==> "), "the installer does not run again")
        }

        /// What is typed at a terminal reaches the guest, and its answer comes back.
        private func expectKeys(_ lab: RunningLab) async throws {
            let vlab = try Project.program("vlab")
            let typist = "(sleep 1; printf 'nobody\\r'; sleep 4; printf '\\035'; sleep 2)"
            let terminal = "script --quiet --return --command '\(vlab) console \(lab.name) ctl01' /dev/null"
            let session = try Command(
                "/bin/sh",
                ["-c", "\(typist) | timeout 30 \(terminal)"],
                environment: ["XDG_STATE_HOME": lab.workspace.folder],
                notes: "\(lab.workspace.folder)/notes"
            )
            let result = try await session.end(within: .seconds(40))
            #expect(result.status == 0, "\(result)")
            #expect(result.output.contains("ctl01 login: nobody"), "\(result)")
            #expect(result.output.contains("Password:"), "\(result)")
            #expect(lab.console("ctl01").contains("Password:"))
        }
    }
}
