import LabModel
import TestSupport
import Testing

@testable import PodSpec

@Suite("vlab's own pod.yml")
struct OwnPodTests {
    private static let short = """
        nodes:
          ctl01: {roles: [controller, ha]}
          cmp01: {roles: [compute]}
        networks:
          mgmt: {cidr: 10.20.0.0/24}

        """

    private func pod(_ text: String) throws -> Pod {
        let report = try SampleFiles(files: ["pod.yml": text]).report()
        try #require(!report.hasErrors, "\(report.diagnostics)")
        return try #require(report.pods.first?.pod)
    }

    /// What is said of a file, without its place's folder.
    private func told(_ text: String) throws -> [String] {
        try SampleFiles(files: ["pod.yml": text]).report().diagnostics.map { problem in
            "\(problem.line):\(problem.column): \(problem.severity.rawValue): \(problem.message)"
                + (problem.hint.map { "; \($0)" } ?? "")
        }
    }

    @Test("needs nodes and a network, and derives everything else")
    func derived() throws {
        let pod = try pod(Self.short)
        #expect(pod.name == "pod-t" && pod.installNetwork?.name == "mgmt")
        let network = try #require(pod.networks.first)
        #expect(network.interface == "eth0" && network.vlan == nil)
        #expect(network.gateway?.description == "10.20.0.1")
        #expect(network.dhcpRange?.description == "10.20.0.10–10.20.0.49")
        #expect(
            pod.nodes.map { pod.address(of: $0.name, on: network)?.description } == [
                "10.20.0.50", "10.20.0.51",
            ]
        )
        #expect(pod.nodes.map { $0.bmc?.address.description } == ["10.20.0.201", "10.20.0.202"])
        #expect(pod.nodes.allSatisfy { $0.bmc?.user == "root" && $0.bmc?.password == "admin" })
        #expect(pod.nodes.allSatisfy { $0.nics.map(\.name) == ["eth0"] && $0.nics[0].isDerived })
    }

    @Test("has no word about a BMC that lacks where one is written that cannot be read")
    func unreadableBMC() throws {
        let text = "nodes:\n  a: {roles: [x], bmc: 10.20.0.999}\nnetworks:\n  m: {cidr: 10.20.0.0/33}\n"
        let told = try told(text)
        #expect(told.contains { $0.contains("2:24: error: bmc cannot be read") }, "\(told)")
        #expect(!told.contains { $0.contains("has no BMC") }, "\(told)")
    }

    @Test(
        "derives addresses for as many nodes as there are, in networks of any size",
        arguments: [60, 200, 1_000]
    )
    func many(count: Int) throws {
        let nodes = (0..<count).map { "  n\($0):\n" }.joined()
        let text = "nodes:\n\(nodes)networks:\n  mgmt: {cidr: 10.20.0.0/16}\n  data: {cidr: 10.21.0.0/20}\n"
        let pod = try pod(text)
        #expect(pod.networks.map(\.interface) == ["eth0", "eth1"])
        let all =
            pod.networks.flatMap { network in
                pod.nodes.indices.compactMap { pod.address(ofNodeAt: $0, on: network) }
                    + (network.gateway.map { [$0] } ?? [])
            } + pod.nodes.compactMap { $0.bmc?.address }
        #expect(Set(all).count == all.count && all.count == 3 * count + 1)
        let leases = try #require(pod.networks[0].dhcpRange)
        #expect(leases.count >= count && !all.contains { leases.contains($0) })
    }

    @Test("says all that the other formats say")
    func full() throws {
        let report = try SampleFiles.own.report(in: "elsewhere")
        let pod = try #require(report.pods.first?.pod)
        try expectGolden(pod.rendering.joined(separator: "\n") + "\n", "own-full.golden")
    }

    @Test("is racked from its folder, and by the path of its file")
    func located() throws {
        let files = try PodFiles.locate("pod-duo", searching: [PodReaderTests.root + "/Scenarios/pods"])
        let (pod, warnings) = try PodReader.read(files)
        #expect(warnings == [] && pod.name == "pod-duo" && files.isOneFile && files.paths.count == 2)
        #expect(pod.nodes.map(\.image) == [.micro, .micro])
        #expect(pod.lab == LabSettings(engine: .policy("default"), uplink: UplinkMode.none))
        #expect(try PodReader.read(PodFiles.locate(files.network)).0 == pod)
        // As an engine that is given two files reads it.
        #expect(
            try PodReader.read(PodFiles(network: files.network, dha: files.dha)).0.nodes.map(\.nics)
                == pod.nodes.map(\.nics)
        )
        #expect(PodFiles.pods(in: PodReaderTests.root + "/Scenarios/pods").contains("pod-duo"))
    }

    @Test(
        "reports a problem with its place and a way out",
        arguments: [
            Spoiling(
                "cidr: 10.20.0.0/24",
                "cdr: 10.20.0.0/24",
                "5:9: error: network mgmt has no “cidr”; add “cidr:”",
                "5:10: error: unknown key “cdr” in network mgmt; did you mean “cidr”?"
            ),
            Spoiling(
                "10.20.0.0/24}",
                "10.20.0.0/30}",
                "5:16: error: 10.20.0.0/30 is too small for what 2 nodes need; take a larger network, or give it a range"
            ),
            Spoiling(
                "10.20.0.0/24}",
                "10.20.0.0/24, nic: eth16}",
                "5:35: error: nic “eth16” is no NIC; NICs are eth0 to eth15"
            ),
            Spoiling(
                "10.20.0.0/24}",
                "10.20.0.0/24, gateway: 10.20.1.1}",
                "5:39: error: gateway 10.20.1.1 is outside of 10.20.0.0/24; correct it, or the cidr"
            ),
            Spoiling(
                "10.20.0.0/24}",
                "10.20.0.0/24, range: 10.20.0.20-10.20.0.30}",
                "5:37: error: no addresses are left for DHCP beside the range of mgmt; give it dhcp, or “dhcp: none”"
            ),
            Spoiling(
                "10.20.0.0/24}",
                "10.20.0.0/24, bond: bond7}",
                "5:36: error: network mgmt is on bond7, which is no bond; there is no bond here"
            ),
            Spoiling(
                "[compute]",
                "[compute], bmc: 10.20.0.51",
                "3:34: error: the BMC of cmp01 has 10.20.0.51, which belongs to cmp01 on mgmt; take a free one"
            ),
            Spoiling(
                "[compute]",
                "[compute], bmc: {address: 10.20.0.201, user: 5}",
                "3:44: error: cmp01 has the BMC address 10.20.0.201 of ctl01; each BMC has its own",
                "3:63: error: user must be a text, not the number 5; quote it"
            ),
            Spoiling(
                "roles: [compute]",
                "roles: compute",
                "3:18: error: roles must be a list, not “compute”; start each item with “- ”"
            ),
            Spoiling(
                "[compute]",
                "[compute], nics: {eth0: 44:a8:42:00:00:0}",
                "3:42: error: the MAC of eth0 cannot be read from “44:a8:42:00:00:0”; write it like 44:a8:42:14:cd:0d"
            ),
            Spoiling(
                "cmp01",
                "CTL01",
                "3:3: warning: “CTL01” has capital letters, which DNS does not tell from small ones; write it in small letters",
                "3:3: error: two nodes are named ctl01; rename one"
            ),
            Spoiling(
                "networks:\n",
                "networks:\n  data: {cidr: 10.20.0.0/16, vlan: 7}\n",
                "6:3: warning: network mgmt (10.20.0.0/24) overlaps data (10.20.0.0/16); nodes cannot tell which way to send"
            ),
            Spoiling("nodes:", "boot: data\nnodes:", "1:7: error: unknown network “data”; use one of: mgmt"),
            Spoiling(
                "nodes:",
                "boot: none\nnodes:",
                "1:1: error: the nodes' BMCs have no addresses, and none can be derived; add “bmc: {first: ADDRESS}” for the first node's, or “bmc: none”"
            ),
            Spoiling("nodes:", "bonds: {bond0: {ports: [eth0, eth1]}}\nnodes:"),
            Spoiling(
                "nodes:",
                "bonds: {bond0: {ports: [eth0, eth1], mode: active-backup, miimon: 0, lacp_rate: fast, "
                    + "xmit_hash_policy: layer2}}\nnodes:",
                "1:59: warning: miimon 0: the nodes never look whether a port has a link, so a pulled cable goes unnoticed; write 100, or take it out",
                "1:70: warning: lacp_rate means nothing in mode active-backup; take it out",
                "1:87: warning: xmit_hash_policy means nothing in mode active-backup; take it out"
            ),
            Spoiling(
                "nodes:",
                "bonds: {bond0: {ports: [eth0, eth1], xmit_hash_policy: layer3}}\nnodes:",
                "1:56: error: xmit_hash_policy cannot be “layer3”; did you mean “layer2”?"
            ),
        ]
    )
    func problems(spoiling: Spoiling) throws {
        let problems = try told(spoiling.made(in: Self.short)).filter {
            !$0.contains(": note:")
        }
        #expect(Set(problems) == Set(spoiling.problems))
    }

    @Test("is a whole pod, and stands with no other file")
    func mixed() throws {
        let files = SampleFiles.own.adding("network.yml", PodFolder.network)
        let report = try files.report()
        #expect(report.pods.count == 2)
    }
}
