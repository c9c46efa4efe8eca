import LabModel
import Testing

@testable import PodSpec

@Suite("A pod that is to be racked")
struct RackingTests {
    /// What `vlab up` would say of it, each with its severity.
    private func told(_ network: String, dha: String = PodFolder.dha) throws -> [String] {
        let folder = try PodFolder(network: network, dha: dha)
        do {
            return try folder.read().1.map { "\($0.severity.rawValue) \($0.rule ?? "")" }
        } catch let error as Diagnostics {
            return error.all.map { "\($0.severity.rawValue) \($0.rule ?? "")" }
        }
    }

    @Test("is taken with bonds, with a gateway on a VLAN, and with a network on different NICs")
    func taken() throws {
        let bond =
            "bond_mappings:\n  - {name: bond1, bond-slaves: [eth3, eth4], bond-mode: 802.3ad, bond-lacp_rate: fast, "
            + "bond-miimon: 100, bond-xmit_hash_policy: layer2+3}\n"
        #expect(try told(bond + PodFolder.network) == [])
        let pod = try PodFolder(network: bond + PodFolder.network).read().0
        #expect(
            pod.bonds == [
                Bond(
                    name: "bond1",
                    nodes: ["a", "b"],
                    ports: ["eth3", "eth4"],
                    mode: .lacp,
                    lacpRate: .fast,
                    miimon: 100,
                    hashPolicy: .layer23
                )
            ] && pod.switches.map(\.name) == ["eth0", "eth1", "eth2", "eth3"]
        )
        let tagged = PodFolder.network.replacing(
            "192.168.102.50]]",
            by: "192.168.102.50]]\n    gw: 192.168.102.254"
        )
        #expect(try told(tagged) == [])
        #expect(try told(Self.split) == [])
    }

    /// The tenants' network on eth2 of controllers and on eth3 of computes.
    private static let split = PodFolder.network.replacing(
        "vlan_tag: 101, role: [controller, compute]}",
        by:
            "vlan_tag: 101, role: [controller]}\n  - {name: tenant, interface: eth3, vlan_tag: 101, role: [compute]}"
    )

    @Test(
        "is wired for a network on different NICs: they are on one switch, and each node has the network on its own"
    )
    func splitNetwork() throws {
        let pod = try PodFolder(network: Self.split).read().0
        #expect(pod.switches.map(\.name) == ["eth0", "eth1", "eth2"])
        let tenant = try #require(pod.network(named: "tenant"))
        #expect(pod.nodes.map { pod.port(of: $0, on: tenant)?.guestInterface } == ["eth2.101", "eth3.101"])
    }

    @Test("is refused for what the lab cannot do")
    func refused() throws {
        #expect(
            try told(PodFolder.network, dha: "POWER_TOOL: smmset\n" + PodFolder.dha) == [
                "error rack-power-tool"
            ]
        )
    }

    @Test("is taken with a warning for what the lab only pretends")
    func warned() throws {
        #expect(
            try told(PodFolder.network.replacing("eth2, type: normal", by: "eth2, type: dpdk")) == [
                "warning rack-dpdk"
            ]
        )
        let virtual = "TYPE: virtual\nFLAVOR: cluster\nhosts: [{name: a, roles: [controller, ha]}]\n"
        #expect(try told(PodFolder.network, dha: virtual) == ["warning rack-no-bmc"])
    }

    @Test("is told nothing of what is only good to know")
    func silent() throws {
        #expect(try told(PodFolder.network) == [])
    }

    @Test("may have networks on a bridge, on a bond, and one for two roles")
    func wires() throws {
        let bridge = """
            provider_net_mappings:
              - {name: br-provider, network: physnet, interface: bond1, type: ovs, role: [controller]}
            bond_mappings:
              - {name: bond1, host: [a], bond-slaves: [eth3, eth4], bond-mode: active-backup, mtu: 9000}

            """
        let split = PodFolder.network.replacing(
            "vlan_tag: 101, role: [controller, compute]}",
            by:
                "vlan_tag: 101, role: [controller]}\n  - {name: tenant, interface: eth2, type: dpdk, vlan_tag: 101, role: [compute]}"
        )
        let network =
            bridge + split.replacing("interface: eth1, vlan_tag", by: "interface: br-provider, vlan_tag")
        let report = try SampleFiles(files: ["network.yml": network, "dha.yml": PodFolder.dha]).report()
        #expect(report.diagnostics.filter { $0.severity == .error } == [])
        let pod = try #require(report.pods.first?.pod)
        let external = try #require(pod.network(named: "external"))
        #expect(
            external.bond == "bond1" && external.interface == "eth3" && external.guestInterface == "bond1"
        )
        #expect(
            pod.bonds == [
                Bond(name: "bond1", nodes: ["a"], ports: ["eth3", "eth4"], mode: .activeBackup, mtu: 9000)
            ]
        )
        #expect(pod.providerNetworks.map(\.interface) == ["bond1"])
        #expect(pod.network(named: "tenant")?.attachments.map(\.roles) == [["controller"], ["compute"]])
        #expect(pod.nodes.map(\.nics.count) == [5, 5])
    }

    @Test("is read from each dialect of the DHA file alike")
    func dialects() throws {
        let list = """
            TYPE: baremetal
            FLAVOR: cluster
            hosts:
              - {name: a, mac: '44:A8:42:00:00:01', interfaces: [{eth1: '44:A8:42:00:00:02'}], ipmiIp: 10.9.0.1, ipmiUser: root, ipmiPass: admin, roles: [controller, ha]}

            """
        let map = """
            TYPE: baremetal
            FLAVOR: cluster
            hosts:
              - {name: a, interfaces: {eth0: '44:A8:42:00:00:01', eth1: '44:A8:42:00:00:02'}, power_ip: 10.9.0.1, power_user: root, power_pass: admin, power_type: ipmilan, roles: [controller, ha]}

            """
        let ofBMC = list.replacing("'44:A8:42:00:00:01'", by: "'44:A8:42:00:00:09'")
            .replacing("[{eth1", by: "[{eth0: '44:A8:42:00:00:01'}, {eth1")
        var pods = try [list, map, ofBMC].map { try PodFolder(dha: $0).read().0 }
        // Only the last dialect has the BMC's own MAC too.
        #expect(pods.map { $0.nodes[0].bmc?.mac?.description } == [nil, nil, "44:a8:42:00:00:09"])
        pods[2].nodes[0].bmc?.mac = nil
        #expect(pods.allSatisfy { $0 == pods[0] })
        #expect(pods[0].nodes[0].bmc?.address.description == "10.9.0.1")
    }

    @Test("has one port listed as two NICs, whose networks need tags of their own")
    func doubled() throws {
        let files = SampleFiles.opnfv.replacing(
            "{name: nic2, mac_address: \"02-00-00-00-00-12\", speed: 10gb, features: 'dpdk|sriov'}",
            in: "pod.yaml",
            by: "{name: nic2, mac_address: \"02:00:00:00:00:11\", vlan: 101}"
        )
        let found = try files.report().diagnostics.filter { $0.rule == PodRule.vlanClash.rawValue }
        #expect(
            found.map(\.message) == [
                "public is on interface 1, the same port of n1 as that of admin, with the same tag"
            ]
        )
    }

    @Test("is read from OPNFV's files")
    func described() throws {
        let report = try SampleFiles.opnfv.report()
        let pod = try #require(report.pods.first?.pod)
        #expect(pod.name == "pod-t-pod" && pod.installNetwork?.name == "admin")
        #expect(pod.networks.map(\.guestInterface) == ["eth0", "eth1.101", "eth1.1000", "eth1"])
        #expect(pod.network(named: "private")?.lastVLAN == 1030)
        let node = try #require(pod.node(named: "n2"))
        #expect(node.roles == ["compute"] && node.bmc?.address.description == "10.30.0.12")
        #expect(node.disks.map(\.bytes) == [UInt64(1.8 * 0x1p40), 480 << 30])
        #expect(node.hardware?.model == "Model" && node.hardware?.coresPerCPU == 8)
        let addresses = pod.networks.map { pod.address(of: "n2", on: $0)?.description }
        #expect(addresses == ["10.20.0.12", "10.21.0.11", "10.22.0.51", "10.23.0.11"])
    }
}
