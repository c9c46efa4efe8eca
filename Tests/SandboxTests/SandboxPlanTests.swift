import LabModel
import Testing

@testable import Sandbox

@Suite("A sandbox's plan")
struct SandboxPlanTests {
    @Test("has a switch for each NIC position, also for one that carries only VLANs")
    func switches() throws {
        let plan = SandboxPlan(pod: try pod())
        #expect(plan.switches.map(\.name) == ["eth0", "eth1", "eth2"])
        #expect(plan.hostname == "pod1-jump")
    }

    @Test("gives the jump host the gateway address of each untagged network, with its prefix")
    func gateways() throws {
        let plan = SandboxPlan(pod: try pod())
        #expect(plan.switches[0].addresses == ["10.20.0.1/24"])
        #expect(plan.switches[1].addresses.first == "192.168.20.1/25")
        #expect(plan.switches[2].addresses == [])
    }

    @Test("gives the jump host an address of IPv6 there too, by the network's place in the pod")
    func routers() throws {
        var pod = try pod()
        #expect(
            SandboxPlan(pod: pod).switches.map(\.addressesOfIPv6) == [
                ["2001:2:0:1::1/64"], ["2001:2:0:2::1/64"], [],
            ]
        )
        pod.networks[0].gateway = nil
        #expect(SandboxPlan(pod: pod).switches.map(\.addressesOfIPv6) == [[], ["2001:2:0:2::1/64"], []])
    }

    @Test(
        "knows the pod's networks and addresses that the jump host is not in, lest they be taken for the outside"
    )
    func elsewhere() throws {
        var pod = try pod()
        for address in ["10.20.0.9", "172.20.1.5", "172.20.1.5"] {
            let address = try #require(IPv4Address(address))
            pod.virtualAddresses.append(
                VirtualAddress(name: "vip", address: address, prefixLength: 24, network: "mgmt")
            )
        }
        #expect(SandboxPlan(pod: pod).elsewhere == ["172.20.1.5/32", "192.168.102.0/24"])
    }

    @Test("puts a BMC on the switch of the network that holds its address, as a host's address")
    func bmcHome() throws {
        let plan = SandboxPlan(pod: try pod(bmcs: ["192.168.20.101", "10.20.0.203"]))
        #expect(plan.switches[1].addresses == ["192.168.20.1/25", "192.168.20.101/32"])
        #expect(plan.switches[0].addresses == ["10.20.0.1/24", "10.20.0.203/32"])
        #expect(plan.loose == [])
    }

    @Test("keeps a BMC outside all networks reachable on the jump host alone")
    func looseBMC() throws {
        // .203 is in the same /24, but the network ends at .127.
        let plan = SandboxPlan(pod: try pod(bmcs: ["192.168.20.203", "172.16.3.9"]))
        #expect(plan.loose == ["192.168.20.203/32", "172.16.3.9/32"])
        #expect(plan.switches[1].addresses == ["192.168.20.1/25"])
    }

    @Test("puts a BMC on the VLAN of the network that holds its address")
    func taggedHome() throws {
        let plan = SandboxPlan(pod: try pod(bmcs: ["192.168.102.7"]))
        #expect(plan.loose == [] && plan.tagged.map(\.name) == ["eth2.101"])
        #expect(plan.tagged.map(\.addresses) == [["192.168.102.7/32"]])
    }

    @Test("gives the jump host an interface of its own on a VLAN where it is the gateway")
    func taggedGateway() throws {
        var pod = try pod(bmcs: ["192.168.102.7", "192.168.20.3"])
        pod.networks[2].gateway = IPv4Address("192.168.102.1")
        let plan = SandboxPlan(pod: pod)
        let interface = SandboxPlan.TaggedInterface(
            vlan: 101,
            on: "eth2",
            addresses: ["192.168.102.1/24", "192.168.102.7/32"],
            addressesOfIPv6: ["2001:2:0:3::1/64"]
        )
        #expect(plan.tagged == [interface] && plan.switches[2].addresses == [])
        let places = ["192.168.102.99", "192.168.20.99", "10.99.0.1"].compactMap { IPv4Address($0) }
        #expect(places.map { SandboxPlan.interface(for: $0, in: pod) } == ["eth2.101", "eth1", "lo"])
    }

    @Test("is on the network that nodes boot from, also where the files name no gateway")
    func noGateway() throws {
        var pod = try pod()
        pod.networks[0].gateway = nil
        pod.networks[1].gateway = nil
        #expect(SandboxPlan(pod: pod).switches[0].addresses == [])
        pod.bootNetwork = "mgmt"
        // The nodes' range is from .10 on.
        #expect(SandboxPlan(pod: pod).switches[0].addresses == ["10.20.0.1/24"])
    }

    @Test("has the bonds that a switch must know of, whose ports are on one switch")
    func bonds() throws {
        var pod = try pod()
        for index in pod.nodes.indices {
            pod.nodes[index].nics = (0...4).map {
                NIC(name: "eth\($0)", mac: MACAddress(bits: UInt64(index * 16 + $0)))
            }
        }
        pod.bonds = [
            Bond(name: "bond0", nodes: ["ctl01"], ports: ["eth1", "eth3"], mode: .lacp, mtu: 9000),
            Bond(name: "bond1", nodes: ["ctl01"], ports: ["eth2", "eth4"], mode: .activeBackup),
        ]
        let plan = SandboxPlan(pod: pod)
        #expect(plan.switches.map(\.name) == ["eth0", "eth1", "eth2"])
        #expect(plan.switches.map(\.mtu) == [nil, 9000, nil])
        let ports = [("eth1", "ctl01-eth1"), ("eth3", "ctl01-eth3")].map {
            BondPlan.Port(nic: $0.0, name: $0.1)
        }
        #expect(plan.bonds == [BondPlan(node: "ctl01", name: "bond0", ports: ports, lacp: .slow)])
    }

    /// Three networks, the external one half of a /24, the tenants' tagged.
    private func pod(bmcs: [String] = []) throws -> Pod {
        let nodes = try (bmcs.isEmpty ? ["192.168.20.101"] : bmcs).enumerated().map { index, address in
            let bmc = try #require(IPv4Address(address))
            return Node(
                name: "ctl0\(index + 1)",
                roles: ["controller"],
                nics: [],
                bmc: BMCAccess(address: bmc, user: "root", password: "admin"),
                uuid: "\(index)",
                serial: "\(index)"
            )
        }
        return Pod(
            name: "pod1",
            nodes: nodes,
            networks: [
                try network("mgmt", "eth0", "10.20.0", 24, gateway: "10.20.0.1"),
                try network("external", "eth1", "192.168.20", 25, gateway: "192.168.20.1"),
                try network("tenant", "eth2", "192.168.102", 24, vlan: 101),
            ]
        )
    }

    private func network(
        _ name: String,
        _ interface: String,
        _ prefix: String,
        _ length: Int,
        vlan: Int? = nil,
        gateway: String? = nil
    ) throws -> PodNetwork {
        let first = try #require(IPv4Address("\(prefix).10"))
        let last = try #require(IPv4Address("\(prefix).50"))
        return PodNetwork(
            name: name,
            interface: interface,
            vlan: vlan,
            cidr: IPv4Network(containing: first, prefixLength: length),
            gateway: gateway.flatMap { IPv4Address($0) },
            range: try #require(IPv4Range(first: first, last: last))
        )
    }
}
