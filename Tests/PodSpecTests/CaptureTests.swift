import Foundation
import LabModel
import TestSupport
import Testing

@testable import PodSpec

@Suite("A pod that is captured")
struct CaptureTests {
    private static let fixtures =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures"

    /// What vlab writes of it, which reads back without an error.
    private func written(_ captured: CapturedPod, from source: String) throws -> String {
        let conversion = try PodConversion(of: captured.pod, to: .vlab, header: captured.header(from: source))
        #expect(conversion.items == [])
        let report = try SampleFiles(files: Dictionary(conversion.files.map { ($0.name, $0.text) }) { $1 })
            .report()
        #expect(report.diagnostics.filter { $0.severity != .note } == [])
        return conversion.files.map(\.text).joined()
    }

    @Test("from an inventory of kolla-ansible's is what the inventory says, and names what it does not say")
    func kolla() async throws {
        let captured = try await withScratchFolder { folder in
            for file in ["multinode", "globals.yml"] {
                try FileManager.default.copyItem(
                    atPath: "\(Self.fixtures)/kolla/\(file)",
                    toPath: "\(folder)/\(file)"
                )
            }
            let variables = folder + "/host_vars"
            try FileManager.default.createDirectory(atPath: variables, withIntermediateDirectories: true)
            for number in 1...3 {
                let text = "---\nansible_host: 192.168.50.1\(number)\n"
                let path = "\(variables)/ctl0\(number).cloud.example.yml"
                try text.write(toFile: path, atomically: true, encoding: .utf8)
            }
            let captured = try KollaInventory(inventory: folder + "/multinode").capture(name: "theirs")
            // Beside the inventory, or wherever it is said to be.
            let named = try KollaInventory(
                inventory: Self.fixtures + "/kolla/multinode",
                globals: folder + "/globals.yml",
                hostVariables: variables
            )
            #expect(try named.capture(name: "theirs").pod == captured.pod)
            return captured
        }
        #expect(captured.diagnostics == [])
        try expectGolden(try written(captured, from: "multinode"), "captured-kolla.golden")
        let pod = captured.pod
        #expect(pod.nodes.map(\.name) == ["ctl01", "ctl02", "ctl03", "cmp01", "cmp02", "sto01"])
        #expect(
            pod.nodes[0].roles == ["controller", "network", "monitoring"] && pod.nodes[5].roles == ["storage"]
        )
        #expect(pod.networks.map(\.guestInterface) == ["eth0", "eth1", "eth2", "eth2.103"])
        let mgmt = try #require(pod.network(named: "mgmt"))
        #expect(pod.address(of: "ctl02", on: mgmt)?.description == "192.168.50.12")
        #expect(pod.address(of: "sto01", on: mgmt)?.description == "192.168.50.31")
        #expect(pod.virtualAddresses.map(\.address.description) == ["192.168.50.250"])
        #expect(pod.node(named: "cmp01")?.bmc?.password == "se cret")
    }

    @Test(
        "from a set of local.conf files is what they say, and names what they do not say",
        arguments: [false, true]
    )
    func devStack(isFolder: Bool) throws {
        let folder = Self.fixtures + "/devstack"
        let paths =
            isFolder ? [folder] : ["compute1", "controller", "compute2"].map { "\(folder)/\($0)/local.conf" }
        let captured = try DevStackSet(paths).capture(name: "theirs")
        if isFolder { try expectGolden(try written(captured, from: "devstack"), "captured-devstack.golden") }
        let pod = captured.pod
        #expect(pod.nodes.map(\.name).sorted() == ["compute1", "compute2", "controller"])
        #expect(pod.nodes[0].roles == ["controller", "network", "storage"])
        #expect(pod.node(named: "compute2")?.roles == ["compute", "storage"])
        let mgmt = try #require(pod.network(named: "mgmt"))
        #expect(pod.address(of: "compute1", on: mgmt)?.description == "192.168.42.12")
        let tenant = try #require(pod.network(named: "tenant"))
        #expect(pod.address(of: "controller", on: tenant)?.description == "10.0.10.11")
        #expect(pod.network(named: "external")?.cidr.description == "172.24.4.0/24")
        #expect(pod.network(named: "external")?.gateway?.description == "172.24.4.1")
    }

    @Test("from a lab has every MAC, as it was racked")
    func racked() throws {
        let pod = try PodReader.read(
            PodFiles.locate("pod-duo", searching: [PodReaderTests.root + "/Scenarios/pods"])
        ).0
        let captured = CapturedPod(racked: pod)
        let conversion = try PodConversion(of: captured.pod, to: .vlab)
        let again = try SampleFiles(files: Dictionary(conversion.files.map { ($0.name, $0.text) }) { $1 })
            .report(in: "elsewhere").pods.first?.pod
        #expect(again?.nodes.flatMap { $0.nics.map(\.mac) } == pod.nodes.flatMap { $0.nics.map(\.mac) })
        #expect(again.map { PodDifference(from: captured.pod, to: $0).changes } == [])
    }

    @Test("from a lab that is up has the addresses that it has now, where it is clear which ones")
    func seen() throws {
        let pod = try PodReader.read(
            PodFiles.locate("pod-duo", searching: [PodReaderTests.root + "/Scenarios/pods"])
        ).0
        let (ctl, cmp) = (pod.nodes[0].nics[0].mac, pod.nodes[1].nics[0].mac)
        func neighbour(_ address: String, _ mac: MACAddress) throws -> SeenAddresses.Neighbour {
            .init(address: try #require(IPv4Address(address)), mac: mac)
        }
        let seen = SeenAddresses(
            bmcs: ["ctl01": try #require(IPv4Address("10.20.0.222"))],
            neighbours: [
                // By DHCP while it was installed, then its own, and one that is on no network of the pod's.
                try neighbour("10.20.0.11", ctl), try neighbour("10.20.0.70", ctl),
                try neighbour("172.16.0.1", ctl),
                // Of two nobody knows which one is to stay.
                try neighbour("10.20.0.71", cmp), try neighbour("10.20.0.72", cmp),
            ]
        )
        let captured = CapturedPod(racked: pod, seen: seen)
        #expect(
            captured.items.map(\.description) == [
                "seen: node ctl01: address of BMC: 10.20.0.201 → 10.20.0.222 (the lab runs with it)",
                "seen: node ctl01: address of mgmt: 10.20.0.50 → 10.20.0.70 (the lab runs with it)",
            ]
        )
        let mgmt = try #require(captured.pod.network(named: "mgmt"))
        #expect(captured.pod.address(of: "ctl01", on: mgmt)?.description == "10.20.0.70")
        #expect(captured.pod.address(of: "cmp01", on: mgmt) == pod.address(of: "cmp01", on: mgmt))
    }

    @Test("from one host alone, or from addresses for names, has nodes with names of their own")
    func names() throws {
        var names = CapturedNames()
        let labels = ["localhost", "10.0.0.1", "10.0.0.2", "a.example", "a.other", "_x_", ""].map {
            names.label(for: $0)
        }
        #expect(labels == ["localhost", "node1", "node2", "a", "a-2", "x", "node"])
        #expect(labels.allSatisfy(DNSLabel.isValid))
    }

    @Test(
        "names each line of an inventory that cannot be read",
        arguments: [
            ("[control\na", "1: a group's name has no end; write it like [control]"),
            (
                "[control]\na b",
                "2: a host's line has a word that is no variable; write it like name variable=value"
            ),
            ("[control]\na[3:1]", "2: the range in “a[3:1]” cannot be read; write it like node[01:03]"),
            ("[control:wars]\na", "1: a group has children or vars, no wars; write [control:children]"),
            ("[control:vars]\na", "2: a line of vars has no “=”; write it like name=value"),
        ]
    )
    func broken(text: String, problem: String) {
        let told = InventoryFile(text, file: "hosts").diagnostics.map {
            "\($0.line): \($0.message); \($0.hint ?? "")"
        }
        #expect(told == [problem])
    }

    @Test("takes variables from files of groups and hosts, the nearest first, in one file or in several")
    func groupVariables() async throws {
        let pod = try await withScratchFolder { folder in
            for (path, text) in [
                (
                    "hosts",
                    "[control]\nctl01\nctl02\n[compute]\ncmp01 network_interface=eno1\n[control:vars]\nnetwork_interface=old\n"
                ),
                ("group_vars/all.yml", "network_interface: eth9\nkolla_internal_vip_address: 10.0.0.250\n"),
                ("group_vars/control/net.yml", "network_interface: eth7\n"),
                ("group_vars/control/vip.yaml", "kolla_internal_vip_address: 10.0.0.251\n"),
                ("group_vars/control/notes.txt", ": no YAML: ["),
                ("host_vars/ctl02/main.yml", "network_interface: eth8\nansible_host: 10.0.0.12\n"),
                ("host_vars/ctl01", "ansible_host: 10.0.0.11\n"),
            ] {
                let file = URL(fileURLWithPath: "\(folder)/\(path)")
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(),
                    withIntermediateDirectories: true
                )
                try text.write(to: file, atomically: true, encoding: .utf8)
            }
            return try KollaInventory(inventory: folder + "/hosts").capture(name: "theirs")
        }
        let ports = pod.items.first { $0.subject == "eth0" }
        #expect(ports?.after == "stands for eno1, eth7, eth8", "\(pod.items)")
        let mgmt = try #require(pod.pod.network(named: "mgmt"))
        #expect(pod.pod.address(of: "ctl01", on: mgmt)?.description == "10.0.0.11")
        #expect(pod.pod.address(of: "ctl02", on: mgmt)?.description == "10.0.0.12")
        #expect(pod.pod.virtualAddresses.map(\.address.description) == ["10.0.0.251"])
    }

    @Test("looks into each group once, however they hold each other")
    func groups() {
        // Thirty groups, of which each holds the next one three times, and the last one the first.
        var text = ""
        for number in 0..<30 {
            let next = "g\((number + 1) % 30)\n"
            text += "[g\(number)]\nhost\(number)\n[g\(number):children]\n\(next)\(next)\(next)"
        }
        text += "[g29:vars]\nnear=29\n[g2:vars]\nnear=2\n[all:vars]\nnear=all\nfar=all\n"
        let file = InventoryFile(text, file: "hosts")
        #expect(file.hosts(of: "g0").map(\.name) == (0..<30).map { "host\($0)" })
        #expect(file.variable("near", of: "host0") == "2" && file.variable("far", of: "host0") == "all")
        #expect(file.variable("near", of: "stranger") == "all")
    }

    @Test(
        "from a local.conf says where an address is none, and assumes one that only a shell would know",
        arguments: [
            (
                "HOST_IP=bogus",
                "5:11: error: HOST_IP cannot be read from “bogus”; write it like 192.168.42.11"
            ),
            (
                "export FLOATING_RANGE=10.0.0.0/99",
                "5:25: error: FLOATING_RANGE cannot be read from “10.0.0.0/99”;"
            ),
            ("HOST_IP=$(hostname -I)", nil), ("HOST_IP=10.0.0.5", nil), ("HOST_IP=", nil),
        ] as [(String, String?)]
    )
    func addresses(line: String, problem: String?) async throws {
        try await withScratchFolder { folder in
            let path = "\(folder)/local.conf"
            let text = "[[local|localrc]]\n# HOST_IP=none\n\nADMIN_PASSWORD=a\n  \(line)\n"
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            let set = try DevStackSet([path])
            guard let problem else {
                #expect(try set.capture(name: "x").pod.nodes.count == 1)
                return
            }
            let error = #expect(throws: Diagnostics.self) { try set.capture(name: "x") }
            #expect(error?.description.hasPrefix("\(path):\(problem)") == true, "\(error as Any)")
        }
    }

    @Test("is refused when nothing describes a host")
    func nothing() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/vlab-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // A folder that stays behind hurts nobody.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "[deployment]\nlocalhost\n".write(toFile: folder + "/hosts", atomically: true, encoding: .utf8)
        #expect(throws: Diagnostics.self) {
            try KollaInventory(inventory: folder + "/hosts").capture(name: "x")
        }
        #expect(throws: Diagnostics.self) { try DevStackSet([folder]) }
    }

    @Test(
        "says why a file cannot be read, takes one in which all is commented out, and one with a byte order mark"
    )
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/vlab-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // A folder that stays behind hurts nobody.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let hosts = folder + "/hosts"
        try "\u{FEFF}[control]\r\nctl01\r\n".write(toFile: hosts, atomically: true, encoding: .utf8)
        try "---\n# a: 1\n".write(toFile: folder + "/globals.yml", atomically: true, encoding: .utf8)
        #expect(try KollaInventory(inventory: hosts).capture(name: "x").pod.nodes.map(\.name) == ["ctl01"])
        try Data([0x5B, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: folder + "/binary"))
        for (name, words) in [
            ("absent", "the file does not exist; check the path"),
            ("", "the file is a folder; name a file in it"),
            ("binary", "the file is no text in UTF-8; save it as such, or name another"),
        ] {
            let path = "\(folder)/\(name)"
            let error = #expect(throws: Diagnostics.self) { try KollaInventory(inventory: path) }
            #expect(error?.description == "\(path):1:1: error: \(words)")
            guard !name.isEmpty else { continue }
            let other = #expect(throws: Diagnostics.self) { try DevStackSet([path]) }
            #expect(other?.description == "\(path):1:1: error: \(words)")
        }
        let variables = folder + "/nowhere"
        let captured = try KollaInventory(inventory: hosts, hostVariables: variables).capture(name: "x")
        #expect(
            captured.diagnostics.map(\.description) == [
                "\(variables):1:1: error: the folder does not exist; check the path"
            ]
        )
    }

    @Test("survives whatever is in the files", arguments: UInt64(0)..<300)
    func mutated(seed: UInt64) throws {
        var mutation = FileMutation(seed: seed)
        let inventory = try String(contentsOfFile: Self.fixtures + "/kolla/multinode", encoding: .utf8)
        let settings = try String(
            contentsOfFile: Self.fixtures + "/devstack/controller/local.conf",
            encoding: .utf8
        )
        let spoilt = mutation.spoil(inventory, with: settings)
        let file = InventoryFile(spoilt, file: "hosts")
        #expect(file.hosts(of: "baremetal").allSatisfy { $0.line > 0 })
        _ = file.variable("tunnel_interface", of: "cmp01")
        _ = DevStackFile(mutation.spoil(settings, with: inventory), path: "local.conf").services
    }
}
