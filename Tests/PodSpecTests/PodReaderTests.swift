import Foundation
import LabModel
import TestSupport
import Testing

@testable import PodSpec

@Suite("A pod's files")
struct PodReaderTests {
    /// The project's folder, found from this file.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    /// Files of real pods, kept outside of the project.
    static let corpus = root + "/../shared/pods"

    @Test("takes the makes of BMCs from lab.yml: for all, for a role, for a node")
    func profiles() throws {
        let lab = """
            bmc: {profile: openbmc}
            roles: {compute: {bmc: {profile: cisco-imc}}}
            nodes: {a: {bmc: {profile: dell-idrac9}}}
            """
        let (pod, _) = try PodFolder(lab: lab).read()
        let expected = pod.nodes.map { node in
            node.name == "a" ? "dell-idrac9" : node.roles.contains("compute") ? "cisco-imc" : "openbmc"
        }
        #expect(pod.nodes.map { $0.bmc?.profile } == expected)
        #expect(try PodFolder().read().0.nodes.allSatisfy { $0.bmc?.profile == nil })
    }

    @Test("become the pod that they describe")
    func pod1() throws {
        let (pod, warnings) = try PodReader.read(.locate("pod1", searching: [Self.root + "/Scenarios/pods"]))
        #expect(warnings.isEmpty)
        #expect(pod.name == "pod1")
        #expect(pod.nodes.map(\.name) == ["ctl01", "ctl02", "ctl03", "cmp001", "cmp002"])
        #expect(pod.nodes.filter { $0.roles.contains("controller") }.count == 3)
        #expect(pod.switches.map(\.name) == ["eth0", "eth1", "eth2"])
        #expect(pod.networks.map(\.guestInterface) == ["eth0", "eth1", "eth2.101", "eth2.102"])
        let install = try #require(pod.installNetwork)
        #expect(install.name == "mgmt" && install.gateway?.description == "10.20.0.1")
        #expect(pod.address(of: "cmp001", on: install)?.description == "10.20.0.53")
        let first = try #require(pod.node(named: "ctl01"))
        let access = BMCAccess(
            address: IPv4Address(bits: 0xC0A8_14CB),
            user: "root",
            password: "admin",
            mac: MACAddress("44:a8:42:1a:49:a5")
        )
        #expect(first.bmc == access)
        #expect(first.nic(named: "eth0")?.mac.description == "44:a8:42:14:cd:0d")
        #expect(first.nics.dropFirst().allSatisfy { $0.mac.description.hasPrefix("52:54:00:") })
        #expect(first.cpus == 1 && first.memory == .mebibytes(384) && first.disks == [.gibibytes(2)])
    }

    @Test("of pod-mini have one of each role")
    func podMini() throws {
        let (pod, warnings) = try PodReader.read(
            .locate("pod-mini", searching: [Self.root + "/Scenarios/pods"])
        )
        #expect(warnings.isEmpty)
        #expect(pod.nodes.map(\.name) == ["ctl01", "cmp01"])
        #expect(pod.nodes.map(\.nics.count) == [3, 3])
    }

    @Test(
        "of the report are the same pod as ours, but for its one oddity",
        .enabled(
            if: FileManager.default.fileExists(atPath: corpus),
            "\(corpus) is not there: the corpus is not read"
        )
    )
    func report() throws {
        var files = try PodFiles.locate(Self.corpus + "/compass/bii-pod1")
        files.name = "pod1"
        let (theirs, warnings) = try PodReader.read(files)
        var (ours, _) = try PodReader.read(.locate("pod1", searching: [Self.root + "/Scenarios/pods"]))
        #expect(warnings.map(\.line) == [90])
        #expect(
            warnings.first?.message == "internal_vip 10.20.0.100 is inside ip_ranges (10.20.0.50–10.20.0.100)"
        )
        // Theirs has the VIP as the last address of the range.
        #expect(ours.networks[0].range.first == theirs.networks[0].range.first)
        ours.networks[0].range = theirs.networks[0].range
        ours.networks.sort { $0.name < $1.name }
        var sorted = theirs
        sorted.networks.sort { $0.name < $1.name }
        #expect(ours == sorted)
    }

    @Test(
        "of real pods are read or refused with places, never worse",
        .enabled(
            if: FileManager.default.fileExists(atPath: corpus),
            "\(corpus) is not there: the corpus is not read"
        )
    )
    func realPods() throws {
        let folder = try PodFolder()
        let paths = FileManager.default.enumerator(atPath: Self.corpus)?.compactMap { $0 as? String } ?? []
        let files = paths.filter { $0.hasSuffix(".yml") || $0.hasSuffix(".yaml") }.map {
            "\(Self.corpus)/\($0)"
        }
        #expect(files.count > 50)
        var pods = 0
        for file in files {
            for pair in [
                PodFiles(network: file, dha: folder.path + "/dha.yml", name: "x"),
                PodFiles(network: folder.path + "/network.yml", dha: file, name: "x"),
            ] {
                do {
                    pods += try PodReader.read(pair).0.nodes.isEmpty ? 0 : 1
                } catch {
                    #expect(error.hasErrors && error.all.allSatisfy { $0.line >= 1 && $0.column >= 1 })
                }
            }
        }
        #expect(pods > 10)
    }

    @Test("give derived MACs, UUIDs and serials that never change")
    func derived() throws {
        let (pod, _) = try PodFolder().read()
        let a = try #require(pod.node(named: "a"))
        #expect(a.nics.map(\.name) == ["eth0", "eth1", "eth2"])
        #expect(a.nic(named: "eth0")?.mac.description == "44:a8:42:00:00:01")
        #expect(pod.node(named: "b")?.nic(named: "eth0")?.mac.description == "44:a8:42:00:00:03")
        #expect(a.nic(named: "eth2")?.mac.description == "52:54:00:70:96:59")
        #expect(a.uuid == "1c117930-ef0c-8b12-b037-b6d82a9c7722")
        #expect(a.serial == "VL0B8C5AFE78")
        #expect(Set(pod.nodes.flatMap { $0.nics.map(\.mac) }).count == 6)
        #expect(Set(pod.nodes.map(\.uuid)).count == 2)
    }

    @Test("take sizes from lab.yml: for all, then by role, then by node")
    func sizes() throws {
        let lab = """
            cpus: 2
            memory: 512M
            roles: {controller: {memory: 1G}, ha: {cpus: 3}}
            nodes: {b: {disks: [2G, 4G]}}
            """
        let (pod, _) = try PodFolder(lab: lab).read()
        #expect(pod.nodes.map(\.cpus) == [3, 2])
        #expect(pod.nodes.map(\.memory) == [.gibibytes(1), .mebibytes(512)])
        #expect(pod.nodes.map(\.disks) == [[.gibibytes(2)], [.gibibytes(2), .gibibytes(4)]])
    }

    @Test(
        "decide by the tag alone, as the templates do",
        arguments: [
            ("None", nil), ("'None'", nil), ("~", nil), ("0", nil), ("101", 101), ("\"101\"", 101),
        ]
    )
    func tags(written: String, expected: Int?) throws {
        let network = PodFolder.network.replacing("vlan_tag: 101", by: "vlan_tag: \(written)")
        let (pod, warnings) = try PodFolder(network: network).read()
        #expect(pod.network(named: "tenant")?.vlan == expected)
        #expect(warnings.isEmpty)
    }

    @Test("are found by name, by path and from below, or the nearest is named")
    func locate() throws {
        #expect(
            PodFiles.searchPath(from: Self.root + "/Sources/PodSpec").contains(Self.root + "/Scenarios/pods")
        )
        let folders = [Self.root + "/Scenarios/pods"]
        let missing = #expect(throws: PodNotFound.self) { try PodFiles.locate("pod-mni", searching: folders) }
        #expect(missing?.description.contains("did you mean “pod-mini”?") == true)
        let incomplete = #expect(throws: PodNotFound.self) {
            try PodFiles.locate(Self.root, searching: folders)
        }
        #expect(incomplete?.description.contains("has neither pod.yml nor network.yml") == true)
    }

    @Test("are told to be wrong where they are, and not to lack another file")
    func broken() async throws {
        try await withScratchFolder { folder in
            let path = "\(folder)/mine.yml"
            try "nodes: {a: {roles: [x]}\n".write(toFile: path, atomically: true, encoding: .utf8)
            let error = #expect(throws: PodNotFound.self) { try PodFiles.locate(path, searching: []) }
            let words = "mine.yml is wrong: \(path):2:1: error: did not find expected ',' or '}'"
            #expect(error?.description.contains(words) == true, "\(error as Any)")
        }
    }

    @Test("are found from any of their files, or it is said which one is missing")
    func halves() throws {
        let compass = try PodFolder()
        let files = try PodFiles.locate(compass.path)
        #expect(try PodFiles.locate("\(compass.path)/network.yml") == files)
        #expect(try PodFiles.locate("\(compass.path)/dha.yml") == files)
        let folder = "\(compass.path)/opnfv"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func write(_ name: String) throws {
            try SampleFiles.opnfv.files[name]?.write(
                toFile: "\(folder)/\(name)",
                atomically: true,
                encoding: .utf8
            )
        }
        func lack(_ name: String) -> String {
            let error = #expect(throws: PodNotFound.self) { try PodFiles.locate(name, searching: []) }
            return error?.description.replacing("\(folder)/", with: "") ?? ""
        }
        try write("idf-pod.yaml")
        #expect(
            lack("\(folder)/idf-pod.yaml").contains(
                "idf-pod.yaml is an installer descriptor file, without its pod descriptor file, pod.yaml"
            )
        )
        try write("pod.yaml")
        #expect(try PodFiles.locate("\(folder)/idf-pod.yaml") == PodFiles.locate("\(folder)/pod.yaml"))
        try FileManager.default.removeItem(atPath: "\(folder)/idf-pod.yaml")
        #expect(lack("\(folder)/pod.yaml").contains("pod.yaml has no idf-pod.yaml beside it"))
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/link.yml", withDestinationPath: "none")
        #expect(lack("\(folder)/link.yml").contains("link.yml is a link to what is not there"))
        #expect(lack("/dev/null").contains("/dev/null is a pipe or a device"))
        #expect(lack("") == "a pod's name is empty: give its name, its folder or its files")
        #expect(lack("./none.yml").hasSuffix("There is no file or folder ./none.yml."))
    }

    @Test("are whole, or the other half is asked for, unless it is there and cannot be read")
    func alone() throws {
        func notes(_ files: [String: String]) throws -> [String] {
            try SampleFiles(files: files).report().diagnostics.filter {
                $0.rule == PodRule.fileAlone.rawValue
            }
            .map { "\($0.message); \($0.hint ?? "")" }
        }
        let opnfv = SampleFiles.opnfv.files
        for (file, text, lack) in [
            ("network.yml", PodFolder.network, "a DHA file"), ("dha.yml", PodFolder.dha, "network.yml"),
            ("idf-p.yaml", opnfv["idf-pod.yaml"] ?? "", "its pod descriptor file"),
            ("p.yaml", opnfv["pod.yaml"] ?? "", "its installer descriptor file, idf-p.yaml"),
            ("lab.yml", "cpus: 2\n", "the pod that the sizes are for"),
        ] {
            let note = "this is no whole pod without \(lack); name that file too"
            #expect(try notes([file: text]) == [note])
        }
        #expect(try notes(["network.yml": "a: [", "dha.yml": PodFolder.dha]) == [])
        let more = SampleFiles.compass.adding("network_odl.yml", PodFolder.network)
        #expect(try notes(more.files) == [], "one that no host here has")
    }
}
