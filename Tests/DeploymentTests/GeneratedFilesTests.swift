import Deployment
import Foundation
import LabModel
import PodSpec
import Subprocess
import TestSupport
import Testing

@Suite("What the engine writes for others")
struct GeneratedFilesTests {
    private let plan: DeployPlan
    init() throws { plan = try samplePlan() }

    @Test("dnsmasq's configuration")
    func dnsmasq() throws {
        try expectGolden(try #require(plan.dnsmasq(folder: "/work")).text, "dnsmasq.conf.golden")
    }

    @Test("dnsmasq's configuration is one to dnsmasq itself")
    func dnsmasqAgrees() async throws {
        let scratch = try Scratch()
        let text = try #require(plan.dnsmasq(folder: scratch.path)).text
        try text.write(toFile: "\(scratch.path)/dnsmasq.conf", atomically: true, encoding: .utf8)
        let result = try await run(
            .name("dnsmasq"),
            arguments: ["--test", "--conf-file=\(scratch.path)/dnsmasq.conf"],
            output: .string(limit: 4096),
            error: .string(limit: 4096)
        )
        #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
    }

    @Test("boot scripts")
    func bootScripts() throws {
        let node = plan.pod.nodes[0]
        let mac = try #require(plan.mac(of: node))
        let scripts = [
            BootScript.chain(server: plan.server),
            BootScript.installer(node: node.name, mac: mac, server: plan.server),
            BootScript.disk(node: node.name),
        ]
        try expectGolden(scripts.joined(separator: "\n"), "boot.ipxe.golden")
    }

    @Test("the installer's configuration, with every policy", arguments: ["default", "compass-gambia"])
    func installer(name: String) throws {
        let policy = try PolicyReader.read(try PolicyReader.text(of: name), file: name)
        let configuration = plan.configuration(of: plan.pod.nodes[3], ntp: true, download: policy.download)
        try expectGolden(try #require(configuration).text, "installer-\(name).golden")
    }

    @Test("a node's network files")
    func network() throws {
        let network = try #require(NodeNetwork(plan.pod.nodes[4], in: plan.pod))
        try expectGolden(network.interfaces, "interfaces.golden")
        try expectGolden(NodeNetwork.hosts(of: plan.pod), "hosts.golden")
        #expect(network.interfaceNames == ["eth0", "eth1", "eth2", "eth2.101", "eth2.102"])
    }

    @Test("a node's network files, with bonds and networks on them")
    func bonds() throws {
        let folder = Project.folder + "/Scenarios/pods"
        let pod = try PodReader.read(PodFiles.locate("pod-bond", searching: [folder])).0
        let network = try #require(NodeNetwork(pod.nodes[0], in: pod))
        try expectGolden(network.interfaces, "interfaces-bonds.golden")
        #expect(network.interfaceNames == ["bond0", "bond1", "eth0", "bond0.20", "bond1.101"])
    }

    @Test("bundles that tar unpacks to the files and modes that were meant")
    func bundle() async throws {
        let scratch = try Scratch()
        let bundle = try #require(RoleBundle.all(for: plan.pod).first { $0.role == "controller" })
        try Data(bundle.archive).write(to: URL(fileURLWithPath: "\(scratch.path)/b.tar"))
        let result = try await run(
            .name("tar"),
            arguments: ["-x", "-p", "-f", "\(scratch.path)/b.tar", "-C", scratch.path],
            output: .discarded,
            error: .string(limit: 4096)
        )
        #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
        let files = FileManager.default
        #expect(files.isExecutableFile(atPath: "\(scratch.path)/etc/vdeploy.d/50-controller"))
        #expect(files.isExecutableFile(atPath: "\(scratch.path)/etc/rc.local"))
        let page = try String(
            contentsOfFile: "\(scratch.path)\(bundle.folder)/www/index.html",
            encoding: .utf8
        )
        #expect(page.contains("<h1>controller</h1>"))
    }

    @Test("ports that do not depend on which other roles a pod has")
    func ports() throws {
        let ports = Dictionary(uniqueKeysWithValues: RoleBundle.all(for: plan.pod).map { ($0.role, $0.port) })
        #expect(ports["controller"] == 8000)
        #expect(ports["compute"] == 8001)
        let mini = RoleBundle.all(for: try samplePlan(pod: "pod-mini").pod)
        for bundle in mini { #expect(ports[bundle.role] == bundle.port) }
    }
}
