import Foundation
import LabModel
import TestSupport
import Testing

extension EndToEnd {
    @Suite("A racked pod", .serialized)
    struct RackedPods {
        @Test(
            "with bonds, in vlab's own format: real LACP, a gateway on a VLAN, and a cable that nobody misses",
            .timeLimit(.minutes(8))
        )
        func bonds() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-bond")
                let pod = "\(Project.folder)/Scenarios/pods/pod-bond"
                try await lab.deploy(pod)
                try await lab.expectPings()
                // The jump host's address on VLAN 20, which no kernel's 8021q had to be there for.
                let gateway = try await lab.node("cmp01", "ping -c 2 192.168.20.1")
                #expect(gateway.contains("2 packets received"), "\(gateway)")
                for node in ["ctl01", "cmp01"] { try await expectBonds(of: node, on: lab) }
                // What goes to all arrives once, and not at its sender: each question has one answer.
                let answers = try await lab.node("cmp01", "arping -b -c 5 -I bond0 192.168.103.50")
                #expect(answers.contains("Received 5 response(s)"), "\(answers)")
                try await expectRedundancy(of: lab)
                try await expectForgetting(of: lab)
            }
        }

        private func expectBonds(of node: String, on lab: RunningLab) async throws {
            try await eventually(
                "both ports of \(node) in one link",
                within: .seconds(20),
                every: .seconds(1)
            ) {
                let text = try await lab.node(node, "cat /proc/net/bonding/bond0")
                return text.contains("Number of ports: 2") ? true : nil
            }
            let bond = try await lab.node(node, "cat /proc/net/bonding/bond0 /proc/net/bonding/bond1")
            for words in [
                "IEEE 802.3ad", "LACP rate: fast", "Partner Mac Address: 02:76:6c:61:63:70",
                "fault-tolerance (active-backup)",
            ] { #expect(bond.contains(words), "\(words) in \(bond)") }
            // Actor and partner: in step, collecting and distributing, on both ports.
            #expect(bond.split(separator: "\n").count { $0.contains("port state: 63") } == 4, "\(bond)")
            let ports = Set(
                try lab.events().filter { $0.event == "lacp.up" && $0.node == node }.map { $0.details["nic"] }
            )
            #expect(ports == ["eth1", "eth2"])
        }

        /// Pings go on while one cable of each bond is out, and after it is in again.
        private func expectRedundancy(of lab: RunningLab) async throws {
            let pings = try ["192.168.103.51", "192.168.102.51"].map { address in
                try lab.workspace.start([
                    "ssh", lab.name, "ctl01", "--", "ping -c 100 -i 0.1 -W 1 \(address)",
                ])
            }
            for (nic, isIn) in [("eth1", false), ("eth3", false), ("eth1", true), ("eth3", true)] {
                try await lab.setCable("ctl01", nic, isIn: isIn)
            }
            for ping in pings {
                let result = try await ping.end(within: .seconds(60))
                let words = result.output.split(separator: ",").first { $0.contains("packets received") }
                let received = words?.split(separator: " ").first.flatMap { Int($0) } ?? 0
                // A bond looks at its ports every 100 ms.
                #expect((90...100).contains(received), "\(result)")
            }
            let events = try lab.events().filter { $0.node == "ctl01" && $0.details["bond"] == "bond0" }
            #expect(events.contains { $0.event == "lacp.lost" && $0.details["nic"] == "eth1" })
            #expect(events.contains { $0.event == "bond.moved" && $0.details["nic"] == "eth2" })
            #expect(!events.contains { $0.event == "lacp.lost" && $0.details["nic"] == "eth2" })
            try await expectBonds(of: "ctl01", on: lab)
        }

        /// A node that is reset boots from ports that are by themselves, and bonds them again when it is up.
        private func expectForgetting(of lab: RunningLab) async throws {
            let before = try lab.events().count
            try await lab.workspace.done("power", lab.name, "reset", "ctl01")
            let story = try await eventually(
                "both ports of ctl01 in one link again",
                within: .seconds(120),
                every: .milliseconds(500)
            ) {
                let all = try lab.events().dropFirst(before).filter { $0.node == "ctl01" }
                let told = all.filter { $0.details["bond"] == "bond0" || $0.event == "power.reset" }
                return told.count { $0.event == "lacp.up" } == 2 ? told : nil
            }
            let words = story.map { "\($0.event) \($0.details["nic"] ?? "") \($0.details["why"] ?? "")" }
            // The switch hears of the reset when the lab does.
            let lost = ["eth1", "eth2"].map { "lacp.lost \($0) its node has been reset" }
            #expect(Set(words.prefix(3)) == Set(lost + ["power.reset  "]), "\(words)")
            try await expectBonds(of: "ctl01", on: lab)
        }

        @Test(
            "in Compass4nfv's first generation is installed over its external network",
            .timeLimit(.minutes(8))
        )
        func firstGeneration() async throws {
            try await Workspace.with { workspace in
                _ = try workspace.write(RackedFiles.network, to: "gen1/network.yml")
                _ = try workspace.write(RackedFiles.dha, to: "gen1/dha.yml")
                let lab = try await workspace.up("\(workspace.folder)/gen1")
                try await lab.deploy("\(workspace.folder)/gen1")
                // Also over storage, which is on another NIC of the one node than of the other.
                try await lab.expectPings()
                for (node, interface) in [("host1", "eth2.102"), ("host2", "eth3.102")] {
                    let addresses = try await lab.node(node, "ip -4 addr show dev \(interface)")
                    #expect(addresses.contains("172.16.2."), "\(addresses)")
                }
            }
        }

        @Test("in OPNFV's two files has its jump host where they name none", .timeLimit(.minutes(8)))
        func described() async throws {
            try await Workspace.with { workspace in
                let pod = try workspace.write(RackedFiles.descriptor, to: "opnfv/pod.yaml")
                _ = try workspace.write(RackedFiles.installer, to: "opnfv/idf-pod.yaml")
                let lab = try await workspace.up(pod, as: "opnfv")
                try await lab.deploy(pod)
                try await lab.expectPings()
                let gateway = try await lab.node("n1", "ping -c 2 10.23.0.1")
                #expect(gateway.contains("2 packets received"), "\(gateway)")
            }
        }

        /// Outside of the project.
        private static let corpus =
            URL(fileURLWithPath: Project.folder).deletingLastPathComponent().path + "/shared/pods"

        @Test(
            "is any of the real ones without an error in its files",
            .enabled(
                if: FileManager.default.fileExists(atPath: corpus),
                "\(corpus) is not there: no real pod is racked"
            ),
            .timeLimit(.minutes(5)),
            arguments: [
                "compass/bii-pod1", "compass/hardware/huawei-pod1/os-nosdn-nofeature-ha.yml",
                "compass/hardware/intel-pod8/os-nosdn-nofeature-ha.yml",
                "compass/hardware/orange-pod3/os-nosdn-nofeature-ha.yml",
                "compass/vm/k8-nosdn-nofeature-noha.yml", "pharos/ericsson/virtual1.yaml",
            ]
        )
        func real(path: String) async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("\(Self.corpus)/\(path)", as: "real")
                let status = try await lab.status()
                #expect(status.nodes.count >= 2 && status.nodes.allSatisfy { $0.power == .off })
            }
        }
    }
}

extension RunningLab {
    /// Installs all nodes with the engine that comes along; it ends well only when each reaches each on every network.
    func deploy(_ pod: String, at location: SourceLocation = #_sourceLocation) async throws {
        let vdeploy = ["exec", name, "--", try Project.program("vdeploy"), "deploy", pod]
        let options = ["--work", "\(folder)/engine", "--mirror", "http://mirror-a.vlab.test"]
        let result = try await workspace.start(vdeploy + options).end(within: .seconds(300))
        try #require(result.output.hasSuffix("deploy SUCCESSFUL\n"), "\(result)", sourceLocation: location)
    }

    /// What a command says on a node.
    func node(_ node: String, _ command: String) async throws -> String {
        try await workspace.start(["ssh", name, node, "--", command]).end(within: .seconds(60)).output
    }

    /// Each node reaches each on every network of the pod, at once or when its switch ports are in their bond.
    func expectPings(at location: SourceLocation = #_sourceLocation) async throws {
        let status = try await status()
        let addresses = status.nodes.flatMap { node in
            node.addresses.map { "\(node.name)/\($0.key)/\($0.value)" }
        }.sorted()
        for node in status.nodes {
            let said = try await self.node(
                node.name,
                "for a in \(addresses.joined(separator: " ")); do "
                    + "i=0; until ping -c 1 -W 1 ${a##*/} >/dev/null || [ $i = 9 ]; do i=$((i + 1)); done; "
                    + "[ $i = 9 ] && echo no $a || echo $a; done"
            )
            let reached = said.split(separator: "\n").map(String.init)
            #expect(reached == addresses, "from \(node.name)", sourceLocation: location)
        }
    }

    /// Pulls a cable at both its ends, or puts it in.
    func setCable(_ node: String, _ nic: String, isIn: Bool) async throws {
        let state = isIn ? "up" : "down"
        let end = try await workspace.start([
            "virsh", name, "--", "domif-setlink", node, "\(node)-\(nic)", state,
        ])
        .end(within: .seconds(30))
        #expect(end.status == 0, "\(end)")
        let port = try await exec("ip", "link", "set", "\(node)-\(nic)", state)
        #expect(port.status == 0, "\(port)")
    }
}
