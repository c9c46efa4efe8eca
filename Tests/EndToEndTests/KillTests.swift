import Foundation
import LabModel
import TestSupport
import Testing

extension EndToEnd {
    @Suite("After kill -9", .serialized)
    struct Kills {
        @Test("of its supervisor a lab is dead, says so, and can be taken down", .timeLimit(.minutes(5)))
        func supervisor() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-mini", uplink: "direct")
                try await lab.bmc("ctl01", "power on")
                let helper = try #require(try Self.uplinkHelper(of: workspace))
                try lab.supervisor.kill()
                try await eventually("the end of the uplink's helper", within: .seconds(30)) {
                    HostProcess(helper.id).map { $0.command == helper.command } == true ? nil : true
                }
                try await eventually("the end of everything in the lab", within: .seconds(30)) {
                    try lab.isGone() ? true : nil
                }
                let status = try await workspace.vlab("status", "pod-mini")
                #expect(status.status == 1)
                #expect(status.errors.contains("the lab is dead"), "\(status)")
                #expect(status.errors.contains("run: vlab down pod-mini"), "\(status)")
                let up = try await workspace.vlab("up", "pod-mini")
                #expect(up.status == 1)
                #expect(up.errors.contains("its supervisor does not run"), "\(up)")
                #expect(try await workspace.done("list").contains("dead"))
                try await workspace.done("down", "pod-mini")
                #expect(!FileManager.default.fileExists(atPath: lab.folder))
                let again = try await workspace.up("pod-mini")
                #expect(try await again.bmc("ctl01", "power status") == "Chassis Power is off\n")
            }
        }

        private static func uplinkHelper(of workspace: Workspace) throws -> HostProcess? {
            try workspace.processes().first { $0.command.contains("serve-uplink") }
        }

        @Test("of its uplink's helper a lab says so, and gets another one", .timeLimit(.minutes(5)))
        func uplink() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-mini", uplink: "direct")
                let helper = try #require(try Self.uplinkHelper(of: workspace))
                try helper.kill()
                try await eventually("word of the loss", within: .seconds(30)) {
                    try lab.events().contains { $0.event == "uplink.lost" } ? true : nil
                }
                let status = try await workspace.vlab("status", "pod-mini")
                #expect(status.status == 1)
                #expect(status.errors.contains("uplink is dead"), "\(status)")
                try await workspace.done("up", "pod-mini")
                #expect(try await lab.status().part("uplink").isAlive)
                let another = try #require(try Self.uplinkHelper(of: workspace))
                #expect(another.id != helper.id)
                try await workspace.done("up", "pod-mini", "--uplink", "none")
                #expect(try Self.uplinkHelper(of: workspace) == nil)
            }
        }

        @Test("of libvirtd the machines run on, and another libvirtd takes over", .timeLimit(.minutes(5)))
        func libvirtd() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-mini")
                try await lab.bmc("ctl01", "power on")
                let qemu = try lab.process("qemu-system", mentioning: "guest=ctl01")
                for _ in 1...2 {
                    let daemon = try lab.process("libvirtd")
                    try daemon.kill()
                    #expect(try await lab.bmc("ctl01", "power status") == "Chassis Power is on\n")
                    try await eventually("another libvirtd", within: .seconds(30)) {
                        let part = try await lab.status().part("libvirt")
                        // The one before may not have been missed yet.
                        let isAnother = try lab.processes().contains {
                            $0.program == "libvirtd" && $0.id != daemon.id
                        }
                        return part.isAlive && part.detail == "restarted" && isAnother ? true : nil
                    }
                    #expect(try lab.process("qemu-system", mentioning: "guest=ctl01").id == qemu.id)
                }
                let domains = try await workspace.done("virsh", "pod-mini", "list", "--name")
                #expect(domains.contains("ctl01"))
                // The console is heard again, and buttons work on machines old and new.
                let mark = lab.console("ctl01").count
                try await lab.bmc("ctl01", "power reset")
                try await lab.console("ctl01", says: "SeaBIOS", from: mark, within: .seconds(60))
                try await lab.bmc("cmp01", "power on")
                try await lab.bmc("ctl01", "power off")
                try await lab.waitFor("ctl01", .off)
                #expect(try await lab.status().node("cmp01").power == .on)
            }
        }

        @Test("of libvirtd again and again the lab ends whole, and says why", .timeLimit(.minutes(5)))
        func libvirtdForGood() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-mini")
                try await lab.bmc("ctl01", "power on")
                // Killed as soon as it is there, it is given up in the end.
                try await eventually(
                    "the end of everything in the lab",
                    within: .seconds(30),
                    every: .milliseconds(5)
                ) {
                    let processes = try lab.processes()
                    // It may have ended by itself meanwhile.
                    for daemon in processes where daemon.program == "libvirtd" { try? daemon.kill() }
                    return processes.isEmpty ? true : nil
                }
                let up = try await workspace.vlab("up", "pod-mini")
                #expect(up.status == 1)
                #expect(up.errors.contains("the lab is dead"), "\(up)")
                #expect(up.errors.contains("it keeps ending"), "\(up)")
                try await workspace.done("down", "pod-mini")
                #expect(!FileManager.default.fileExists(atPath: lab.folder))
            }
        }

        @Test("of its QEMU a machine is off, and can be powered on again", .timeLimit(.minutes(5)))
        func qemu() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-mini")
                try await workspace.done("power", "pod-mini", "on")
                try lab.process("qemu-system", mentioning: "guest=ctl01").kill()
                try await lab.waitFor("ctl01", .off, within: .seconds(20))
                #expect(try await lab.bmc("ctl01", "power status") == "Chassis Power is off\n")
                #expect(try await lab.bmc("cmp01", "power status") == "Chassis Power is on\n")
                let mark = lab.console("ctl01").count
                try await lab.bmc("ctl01", "power on")
                try await lab.console("ctl01", says: "SeaBIOS", from: mark, within: .seconds(60))
                #expect(try await lab.bmc("ctl01", "power status") == "Chassis Power is on\n")
            }
        }

        /// An engine that never ends, and a fault that bites as soon as it runs.
        private static let endless = """
            scenario: endless
            pod: pod-mini
            engine: {command: [sleep, "4242"]}
            budget: {wall: 10m}
            faults:
              - id: cut
                kind: link.flap
                where: {node: ctl01, nic: eth0}
                args: {down: 300s, up: 1s, cycles: 1}
              - id: silent
                kind: http.stall
                where: {url: "**/manifest.json"}
                args: {at: 10%, hold: client}
              - id: timeless
                kind: ntp.unreachable
            expect:
              recover:
                - engine.status: {is: SUCCESSFUL}
            """

        @Test("of vlab run the lab that it racked is gone", .timeLimit(.minutes(5)))
        func runWithLab() async throws {
            try await Workspace.with { workspace in
                let scenario = try workspace.write(Self.endless, to: "endless.yml")
                let run = try workspace.start(["run", scenario])
                try await run.says("link.down", within: .seconds(60))
                let lab = try RunningLab(name: "pod-mini", in: workspace)
                #expect(try lab.process("sleep", mentioning: "4242").id > 0)
                run.kill()
                try await eventually("the end of everything in the lab", within: .seconds(20)) {
                    try lab.isGone() ? true : nil
                }
                #expect(try workspace.processes().isEmpty)
            }
        }

        @Test("of vlab run a lab that was up is healed and goes on", .timeLimit(.minutes(5)))
        func runInLab() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-mini")
                let scenario = try workspace.write(Self.endless, to: "endless.yml")
                let run = try workspace.start(["run", scenario])
                try await run.says("link.down", within: .seconds(60))
                #expect(try await lab.status().node("ctl01").linksDown == ["eth0"])
                let engine = try lab.process("sleep", mentioning: "4242")
                run.kill()
                try await eventually("the link's return and the engine's end", within: .seconds(20)) {
                    let isUp = try await lab.status().node("ctl01").linksDown.isEmpty
                    return try isUp && !lab.processes().contains { $0.id == engine.id } ? true : nil
                }
                // The rules are gone: what stalled comes again.
                let url = "http://mirror-a.vlab.test/images/micro/current/manifest.json"
                try await eventually("a download without its fault", within: .seconds(20)) {
                    try await lab.exec("curl", "-sS", "--fail", "--max-time", "5", url).status == 0
                        ? true : nil
                }
                #expect(try workspace.newestRun().changes().open == 0)
                #expect(try await workspace.done("up", "pod-mini").contains("is up already"))
                // The next run is not refused.
                let next = try await workspace.vlab("run", scenario, "--", "true")
                #expect(next.status != 3, "\(next)")
                #expect(next.output.contains("link.down") || next.output.contains("fault.armed"), "\(next)")
            }
        }
    }
}
