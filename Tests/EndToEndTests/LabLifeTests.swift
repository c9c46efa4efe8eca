import Foundation
import LabModel
import TestSupport
import Testing

extension EndToEnd {
    @Suite("A lab", .serialized)
    struct LabLife {
        @Test("is racked once, shows itself, and goes without a trace", .timeLimit(.minutes(5)))
        func life() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-mini")
                #expect(
                    try await workspace.done("up", "pod-mini") == "pod-mini: is up already; nothing done\n"
                )
                #expect(try RunningLab(name: "pod-mini", in: workspace).supervisor.id == lab.supervisor.id)
                try await expectStatus(of: lab)
                try await expectListed(["pod-mini"], in: workspace)
                try await expectReadable(lab)
                let down = try await workspace.done("down", "pod-mini")
                #expect(down.hasPrefix("pod-mini: down ("))
                #expect(try lab.isGone())
                #expect(!FileManager.default.fileExists(atPath: lab.folder))
                try await expectListed([], in: workspace)
                let again = try await workspace.done("down", "pod-mini")
                #expect(again == "pod-mini: there is no such lab; nothing done\n")
            }
        }

        private func expectStatus(of lab: RunningLab) async throws {
            let status = try await lab.status()
            #expect(status.pod == "pod-mini")
            #expect(status.nodes.map(\.name) == ["ctl01", "cmp01"])
            #expect(status.nodes.map(\.bmc) == ["192.168.20.203", "192.168.20.201"])
            #expect(status.nodes.allSatisfy { $0.power == .off })
            let controller = try status.node("ctl01")
            #expect(controller.roles == ["controller", "ha"])
            #expect(
                controller.addresses == [
                    "mgmt": "10.20.0.50", "external": "192.168.20.10", "tenant": "192.168.102.1",
                    "storage": "192.168.103.1",
                ]
            )
            #expect(Set(status.parts.map(\.name)) == ["libvirt", "gateway"])
            #expect(status.parts.allSatisfy { $0.isAlive })
            let table = try await lab.workspace.done("status", lab.name)
            #expect(table.contains("192.168.20.203"))
            for node in ["ctl01", "cmp01"] {
                #expect(try await lab.bmc(node, "power status") == "Chassis Power is off\n")
                #expect(try await lab.bmc(node, "-C 3 mc info").contains("IPMI Version              : 2.0"))
                #expect(try await lab.bmc(node, "-C 17 power status") == "Chassis Power is off\n")
            }
        }

        @Test("leaves none of its sockets open in the programs that it runs", .timeLimit(.minutes(5)))
        func sockets() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-mini")
                try await lab.bmc("ctl01", "power on")
                let scenario = try workspace.write(
                    """
                    scenario: idle
                    pod: pod-mini
                    engine: {command: [sleep, "4242"]}
                    budget: {wall: 10m}
                    faults:
                      - {id: timeless, kind: ntp.unreachable}
                    expect:
                      recover:
                        - engine.status: {is: SUCCESSFUL}
                    """,
                    to: "idle.yml"
                )
                let run = try workspace.start(["run", scenario])
                try await run.says("engine.started", within: .seconds(60))
                let engine = try await eventually("the engine", within: .seconds(30)) {
                    try lab.processes().first { $0.program == "sleep" }
                }
                let own = try sockets(of: lab.supervisor)
                // Gateway, BMCs, the control socket and its clients, libvirt.
                #expect(own.count >= 8, "\(own)")
                for program in [engine, try lab.process("libvirtd"), try lab.process("qemu-system")] {
                    #expect(try sockets(of: program).intersection(own) == [], "\(program.program)")
                }
                run.kill()
            }
        }

        /// By their inodes, which a socket that is shared has in common.
        private func sockets(of process: HostProcess) throws -> Set<String> {
            let folder = "/proc/\(process.id)/fd"
            // One that was closed meanwhile leads nowhere.
            let targets = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
            }
            return Set(targets.filter { $0.hasPrefix("socket:") })
        }

        private func expectListed(_ labs: [String], in workspace: Workspace) async throws {
            struct Row: Decodable {
                var lab: String
                var state: String
                var nodes: Int
            }
            let json = try await workspace.done("list", "--format", "json")
            let rows = try JSONDecoder().decode([Row].self, from: Data(json.utf8))
            #expect(rows.map(\.lab) == labs)
            #expect(rows.allSatisfy { $0.state == "up" && $0.nodes == 2 })
            let table = try await workspace.done("list")
            #expect(labs.allSatisfy(table.contains))
        }

        /// The tools of the ecosystem, and the lab's own notes.
        private func expectReadable(_ lab: RunningLab) async throws {
            let (workspace, name) = (lab.workspace, lab.name)
            let domains = try await workspace.done("virsh", name, "list", "--all", "--name")
            #expect(Set(domains.split(separator: "\n")) == ["ctl01", "cmp01"])
            let addresses = try await lab.exec("ip", "-brief", "address", "show", "eth0")
            #expect(addresses.output.contains("10.20.0.1/24"), "\(addresses)")
            #expect(try await lab.exec("sh", "-c", "exit 7").status == 7)
            // Of both families, IPv4 before IPv6.
            let name1 = try await lab.exec("getent", "ahosts", "mirror-a.vlab.test")
            #expect(name1.output.hasPrefix("198.18.") || name1.output.hasPrefix("198.19."), "\(name1)")
            #expect(name1.output.contains("2001:2::"), "\(name1)")
            let image = "http://mirror-b.vlab.test/images/micro/current/manifest.json"
            let fetched = try await lab.exec("curl", "-sS", "--fail", "--max-time", "20", image)
            #expect(fetched.output.contains("sha256"), "\(fetched)")
            let logs = try await workspace.done("logs", name)
            #expect(logs.contains("lab.ready"))
            #expect(logs.contains("http.served"))
            let json = try await workspace.done("logs", name, "--format", "json")
            #expect(json.split(separator: "\n").count >= logs.split(separator: "\n").count)
            #expect(try await workspace.done("logs", name, "--supervisor").contains("vlab: ready"))
        }

        @Test(
            "has the same addresses as another lab of its pod, and neither knows of the other",
            .timeLimit(.minutes(5))
        )
        func twins() async throws {
            try await Workspace.with { workspace in
                let first = try await workspace.up("pod-mini")
                let second = try await workspace.up("pod-mini", as: "pod-mini-b")
                #expect(first.namespaces.isDisjoint(with: second.namespaces))
                try await first.bmc("ctl01", "power on")
                try await first.waitFor("ctl01", .on)
                #expect(try await first.bmc("ctl01", "power status") == "Chassis Power is on\n")
                #expect(try await second.bmc("ctl01", "power status") == "Chassis Power is off\n")
                for lab in [first, second] {
                    let addresses = try await lab.exec("ip", "-brief", "address", "show", "eth1")
                    #expect(addresses.output.contains("192.168.20.203/"), "\(addresses)")
                }
                try await workspace.done("down", "pod-mini")
                #expect(try first.isGone())
                #expect(try await second.bmc("ctl01", "power status") == "Chassis Power is off\n")
                #expect(try await second.status().parts.allSatisfy { $0.isAlive })
            }
        }
    }
}
