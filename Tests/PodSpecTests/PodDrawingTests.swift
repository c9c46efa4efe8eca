import Foundation
import LabModel
import Testing

@testable import PodSpec

@Suite("A pod's wiring")
struct PodDrawingTests {
    static let root = PodReaderTests.root
    /// Twenty nodes on three switches, one NIC for everything else, and a bond.
    static let twenty: Pod = {
        var pod = Pod(name: "twenty", nodes: [], networks: [])
        for (index, name) in ["mgmt", "tenant", "storage"].enumerated() {
            guard let cidr = IPv4Network("10.\(index).0.0/16"),
                let first = cidr.base.advanced(by: 10),
                let range = IPv4Range(first: first, last: cidr.broadcast)
            else { continue }
            let network = PodNetwork(
                name: name,
                interface: index == 0 ? "eth0" : "eth1",
                vlan: index == 0 ? nil : 100 + index,
                cidr: cidr,
                gateway: index == 0 ? cidr.base.advanced(by: 1) : nil,
                range: range,
                bond: index == 0 ? nil : "bond1"
            )
            pod.networks.append(network)
        }
        pod.nodes = (0..<20).map { number in
            let identity = DerivedIdentity(pod: pod.name, node: "node\(number)")
            let nics = (0..<3).compactMap { port in
                identity.mac(of: "eth\(port)", avoiding: []).map { NIC(name: "eth\(port)", mac: $0) }
            }
            return Node(
                name: "node\(number)",
                roles: number < 3 ? ["controller"] : ["compute"],
                nics: nics,
                bmc: nil,
                uuid: identity.uuid,
                serial: identity.serial
            )
        }
        pod.bonds = [
            Bond(name: "bond1", nodes: pod.nodes.map(\.name), ports: ["eth1", "eth2"], mode: .lacp)
        ]
        return pod
    }()

    private func pod(_ name: String) throws -> Pod {
        name == "twenty"
            ? Self.twenty
            : try PodReader.read(.locate(name, searching: [Self.root + "/Scenarios/pods"])).0
    }

    @Test("is drawn for a terminal and for a page", arguments: ["pod-mini", "pod1", "twenty"])
    func drawn(name: String) throws {
        let drawing = PodDrawing(try pod(name))
        try expectGolden(drawing.text + "\n", "drawing-\(name).golden")
        try expectGolden(drawing.svg, "drawing-\(name).svg.golden")
        #expect(drawing.text.split(separator: "\n").allSatisfy { $0.count <= 132 })
        // The page is XML, with one dot for each port.
        let parser = XMLReading()
        #expect(parser.read(drawing.svg))
        #expect(parser.circles == drawing.rows.flatMap(\.ports).count { $0 != nil })
    }

    @Test("is drawn with names that look like markup")
    func escaped() throws {
        var pod = try pod("pod-mini")
        pod.nodes[0].name = "<a & \"b\">"
        #expect(XMLReading().read(PodDrawing(pod).svg))
    }

    @Test("is the same as itself, whatever the pod is called")
    func same() throws {
        let one = try PodFolder().read().0
        let other = try #require(SampleFiles.compass.report(in: "another").pods.first?.pod)
        #expect(PodDifference(from: one, to: other).changes == [])
    }

    @Test("differs in nodes and wires")
    func different() throws {
        let before = try PodFolder().read().0
        let network = PodFolder.network.replacing("vlan_tag: 101", by: "vlan_tag: 102")
            .replacing("[[10.20.0.50, 10.20.0.99]]", by: "[[10.20.0.60, 10.20.0.99]]")
        let dha = PodFolder.dha.replacing("name: a", by: "name: c")
            .replacing("10.20.0.202", by: "10.20.0.203").replacing("00:00:03", by: "00:00:04")
        let after = try PodFolder(network: network, dha: dha).read().0
        #expect(
            PodDifference(from: before, to: after).changes.map(\.description) == [
                "- node a: roles controller ha, BMC 10.20.0.201, BMC's user root, IPMI version 2.0, cpus 1, memory 384M, disks 2G, eth0 44:a8:42:00:00:01, eth1 a derived MAC, eth2 a derived MAC",
                "+ node c: roles controller ha, BMC 10.20.0.201, BMC's user root, IPMI version 2.0, cpus 1, memory 384M, disks 2G, eth0 44:a8:42:00:00:01, eth1 a derived MAC, eth2 a derived MAC",
                "~ node b: BMC: 10.20.0.202 → 10.20.0.203",
                "~ node b: eth0: 44:a8:42:00:00:03 → 44:a8:42:00:00:04",
                "~ network mgmt: range: 10.20.0.50–10.20.0.99 → 10.20.0.60–10.20.0.99",
                "~ network tenant: on: eth2.101 → eth2.102",
                "~ node b: address on mgmt: 10.20.0.51 → 10.20.0.61",
            ]
        )
    }
}

/// Whether a text is well-formed XML, and what it draws.
private final class XMLReading {
    private(set) var circles = 0

    func read(_ text: String) -> Bool {
        var open: [Substring] = []
        for piece in text.split(separator: "<", omittingEmptySubsequences: true) {
            guard let end = piece.firstIndex(of: ">") else { return false }
            let tag = piece[..<end]
            let name = tag.prefix { !$0.isWhitespace && $0 != "/" }
            if name == "circle" { circles += 1 }
            guard tag.count(where: { $0 == "\"" }).isMultiple(of: 2) else { return false }
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst() else { return false }
            } else if !tag.hasSuffix("/") {
                open.append(name)
            }
            let rest = piece[piece.index(after: end)...]
            let entities = rest.split(separator: "&", omittingEmptySubsequences: false).dropFirst()
            guard
                entities.allSatisfy({ entity in
                    ["amp;", "lt;", "gt;", "quot;"].contains { entity.hasPrefix($0) }
                })
            else { return false }
        }
        return open.isEmpty
    }
}
