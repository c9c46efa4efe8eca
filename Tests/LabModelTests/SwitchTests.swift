import Testing

@testable import LabModel

@Suite("The switches of a pod")
struct SwitchTests {
    @Test("are one for each NIC position, while each network is at one")
    func positions() throws {
        let pod = try pod([network("mgmt", "eth0"), network("tenant", "eth1", vlan: 101)])
        #expect(pod.switches.map(\.name) == ["eth0", "eth1", "eth2", "eth3"])
        #expect(pod.switches.map(\.ports.count) == [3, 3, 3, 3])
    }

    @Test("are one for the ports of a bond")
    func bonded() throws {
        var pod = try pod([network("mgmt", "eth0"), network("tenant", "eth1", vlan: 101)])
        pod.bonds = [Bond(name: "bond0", nodes: ["a", "b", "c"], ports: ["eth1", "eth2"], mode: .lacp)]
        #expect(pod.switches.map(\.name) == ["eth0", "eth1", "eth3"])
        #expect(pod.switches[1].ports.count == 6)
        let tenant = pod.networks[1]
        #expect(pod.port(of: pod.nodes[0], on: tenant) == NetworkPort(nic: "eth1", bond: "bond0", vlan: 101))
    }

    @Test("follow a network to where each role has it, and keep crossed networks apart")
    func crossed() throws {
        let pod = try pod([
            network("mgmt", "eth0"), network("left", "eth1", computes: "eth2"),
            network("right", "eth2", computes: "eth1"),
        ])
        #expect(pod.switches.map(\.name) == ["eth0", "eth1", "eth2", "eth3"])
        let left = try #require(pod.home(of: pod.networks[1], among: pod.switches))
        let ports = left.ports.map { "\($0.node) \($0.nic)" }
        #expect(left.name == "eth1" && ports == ["a eth1", "b eth1", "c eth2"])
    }

    @Test("have a letter where a position has more than one")
    func letters() throws {
        // At eth0 computes have a network of their own, which nobody else has.
        let pod = try pod([
            network("left", "eth0", computes: "eth1"), network("right", "eth9", computes: "eth0"),
        ])
        #expect(pod.switches.map(\.name) == ["eth0", "eth0b", "eth2", "eth3", "eth9"])
        #expect(pod.switches[1].ports == [Switch.Port(node: "c", nic: "eth0")])
        #expect(pod.switches[4].ports == [], "nobody has that NIC")
    }

    @Test("each have whole networks and whole bonds, whatever the wiring", arguments: UInt64(0)..<200)
    func anyWiring(seed: UInt64) throws {
        var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        func random(_ count: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(count))
        }
        func nic() -> String { "eth\(random(4))" }
        var pod = try pod(
            (0..<random(6)).map { number in
                try network("n\(number)", nic(), computes: nic(), vlan: random(2) == 0 ? nil : 100 + number)
            }
        )
        if random(2) == 0 {
            let nodes = pod.nodes.map(\.name).filter { _ in random(2) == 0 }
            pod.bonds = [Bond(name: "bond0", nodes: nodes, ports: ["eth1", "eth3"], mode: .lacp)]
        }
        let switches = pod.switches
        let all = pod.nodes.flatMap { node in node.nics.map { Switch.Port(node: node.name, nic: $0.name) } }
        #expect(switches.flatMap(\.ports).count == all.count && Set(switches.flatMap(\.ports)) == Set(all))
        #expect(Set(switches.map(\.name)).count == switches.count, "\(switches.map(\.name))")
        func home(_ node: String, _ nic: String) -> String? {
            switches.first { $0.ports.contains(Switch.Port(node: node, nic: nic)) }?.name
        }
        for network in pod.networks {
            let homes = pod.nodes.compactMap { node in
                pod.port(of: node, on: network).map { home(node.name, $0.nic) }
            }
            #expect(Set(homes).count == 1 && homes[0] == pod.home(of: network, among: switches)?.name)
        }
        for bond in pod.bonds {
            for node in bond.nodes { #expect(Set(bond.ports.map { home(node, $0) }).count == 1) }
        }
    }

    /// Two controllers and a compute with four NICs each.
    private func pod(_ networks: [PodNetwork]) throws -> Pod {
        let nodes = ["a", "b", "c"].enumerated().map { index, name in
            Node(
                name: name,
                roles: [name == "c" ? "compute" : "controller"],
                nics: (0..<4).map { NIC(name: "eth\($0)", mac: MACAddress(bits: UInt64(index * 16 + $0))) },
                bmc: nil,
                uuid: name,
                serial: name
            )
        }
        return Pod(name: "pod", nodes: nodes, networks: networks)
    }

    /// A network on one NIC, or on another one for computes.
    private func network(
        _ name: String,
        _ nic: String,
        computes other: String? = nil,
        vlan: Int? = nil
    ) throws -> PodNetwork {
        let first = try #require(IPv4Address("10.0.0.1"))
        var network = PodNetwork(
            name: name,
            interface: nic,
            vlan: vlan,
            cidr: IPv4Network(containing: first, prefixLength: 24),
            range: try #require(IPv4Range(first: first, last: first))
        )
        if let other {
            network.attachments = [(["controller"], nic), (["compute"], other)].map {
                NetworkAttachment(roles: $0.0, interface: $0.1, vlan: vlan, kind: "normal")
            }
        }
        return network
    }
}
