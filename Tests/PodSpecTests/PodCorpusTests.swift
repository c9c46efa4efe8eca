import LabModel
import Testing
import YAML

@testable import PodSpec

@Suite("Files of real pods", .enabled(if: PodCorpus.isThere, "\(PodCorpus.whyNot)"))
struct PodCorpusTests {
    @Test("say what they always said", arguments: PodCorpus.folders)
    func golden(place: String) throws {
        let report = PodReport(checking: PodCorpus.paths(in: place))
        var lines: [String] = []
        for entry in report.pods {
            lines.append("# " + entry.files.map(Self.short).joined(separator: " "))
            lines += entry.pod?.rendering ?? ["no pod"]
            lines.append("")
        }
        lines.append("# problems")
        lines += report.diagnostics.map { "\(Self.short("\($0)")) [\($0.rule ?? "no rule")]" }
        let name = "corpus-\(place.replacing("/", by: "-")).golden"
        try expectGolden(lines.joined(separator: "\n") + "\n", name)
    }

    /// A defect that is known of a file, and what must be said of it.
    struct Defect: Sendable, CustomTestStringConvertible {
        var file: String
        var rule: String
        var severity: Diagnostic.Severity
        var lines: Set<Int>
        var testDescription: String { "\(file): \(rule)" }

        init(_ file: String, _ severity: Diagnostic.Severity, _ rule: PodRule, _ lines: Int...) {
            self.init(file, severity, rule.rawValue, Set(lines))
        }

        init(_ file: String, _ severity: Diagnostic.Severity, _ rule: String, _ lines: Set<Int>) {
            (self.file, self.rule, self.severity, self.lines) = (file, rule, severity, lines)
        }
    }

    /// A MAC with a blank behind it.
    private static let misspelt = YAMLRule.wrongValue.rawValue

    static let defects = [
        Defect("compass/bii-pod1/network.yml", .warning, .vipInRange, 90),
        Defect("compass/hardware/huawei-pod4/network.yml", .error, .addressOutside, 68, 69, 82),
        Defect("compass/hardware/huawei-pod1/os-nosdn-ovs_dpdk-ha.yml", .error, .nicTwice, 26),
        Defect("compass/hardware/orange-pod3/os-odl_l2-moon-ha.yml", .error, misspelt, [24]),
        Defect("compass/hardware/orange-pod3/os-odl_l2-nofeature-ha.yml", .error, misspelt, [57]),
        Defect("compass/network_cfg.yaml", .error, .bondSlaveUsed, 33, 41, 49),
        Defect("compass/vm/huawei-virtual1/network_dpdk.yml", .note, .networkSplit, 38),
        Defect(
            "pharos/lf/pod4.yaml",
            .warning,
            .portTwice,
            67,
            81,
            99,
            105,
            123,
            129,
            147,
            153,
            171,
            177,
            195,
            201
        ),
        Defect("pharos/bii/pod1.yaml", .error, .addressTaken, 153),
        Defect("pharos/bii/pod1.yaml", .error, .credentialsEncrypted, 42, 52),
        Defect("pharos/arm/pod10.yaml", .note, .architecturesMixed, 66),
        Defect("pharos/arm/pod10.yaml", .warning, .nicTwice, 257, 262),
    ]

    @Test("have their known defects named, by line", arguments: defects)
    func known(defect: Defect) {
        let report = PodReport(checking: ["\(PodCorpus.folder)/\(defect.file)"])
        let found = report.diagnostics.filter { $0.rule == defect.rule }
        #expect(found.allSatisfy { $0.severity == defect.severity })
        #expect(Set(found.map(\.line)) == defect.lines)
    }

    /// All errors there are, by file: what is legal has none.
    static let wrong: [String: Set<String>] = [
        "compass/hardware/huawei-pod1/os-nosdn-ovs_dpdk-ha.yml": [PodRule.nicTwice.rawValue],
        "compass/hardware/huawei-pod4/network.yml": [PodRule.addressOutside.rawValue],
        "compass/hardware/orange-pod3/os-odl_l2-moon-ha.yml": [misspelt],
        "compass/hardware/orange-pod3/os-odl_l2-nofeature-ha.yml": [misspelt],
        "compass/network_cfg.yaml": [PodRule.bondSlaveUsed.rawValue],
        "pharos/bii/pod1.yaml": [PodRule.credentialsEncrypted.rawValue, PodRule.addressTaken.rawValue],
        "pharos/ericsson/pod1.yaml": [PodRule.credentialsEncrypted.rawValue],
        "pharos/huawei/pod1.yaml": [PodRule.credentialsEncrypted.rawValue],
        // A NIC with the MAC of its machine's BMC.
        "pharos/intel/pod18.yaml": [PodRule.macTwice.rawValue],
        "pharos/lf/idf-pod4.yaml": [PodRule.addressOutside.rawValue],
    ]

    @Test("have no error where they are legal")
    func legal() {
        var errors: [String: Set<String>] = [:]
        for place in PodCorpus.folders {
            let report = PodReport(checking: PodCorpus.paths(in: place))
            for problem in report.diagnostics where problem.severity == .error {
                errors[Self.short(problem.file), default: []].insert(problem.rule ?? "")
            }
        }
        #expect(errors == Self.wrong)
    }

    private static func short(_ text: String) -> String { text.replacing(PodCorpus.folder + "/", by: "") }
}
