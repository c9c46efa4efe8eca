import LabModel
import PodSpec

/// What was found in pod files, for a person: the problems, the pods, the sum.
struct PodCheckText {
    let lines: [String]

    init(_ report: PodReport, files: Int) {
        let problems = report.diagnostics.map { "\($0)" + ($0.rule.map { " [\($0)]" } ?? "") }
        let whole = report.pods.compactMap(\.pod)
        let table =
            switch whole.count {
            case 0: Table(header: [], rows: [])
            case 1: Self.nodes(of: whole[0])
            default: Self.overview(report)
            }
        let counts = Diagnostic.Severity.allCases.map { severity in
            let count = report.diagnostics.count { $0.severity == severity }
            return "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
        }
        lines =
            problems + (whole.isEmpty ? [] : [table.text])
            + ["\(files) file\(files == 1 ? "" : "s"): \(counts.joined(separator: ", "))"]
    }

    private static func nodes(of pod: Pod) -> Table {
        Table(
            header: ["NODE", "ROLES", "BMC", "MEMORY", "DISKS"] + pod.networks.map { $0.name.uppercased() },
            rows: pod.nodes.enumerated().map { index, node in
                let addresses = pod.networks.map { network in
                    pod.address(ofNodeAt: index, on: network).map { "\($0)" } ?? "–"
                }
                let disks = node.disks.map(\.description).joined(separator: ",")
                let bmc = node.bmc.map { "\($0.address)" } ?? "–"
                let roles = node.roles.isEmpty ? "–" : node.roles.joined(separator: ",")
                return [node.name, roles, bmc, node.memory.description, disks] + addresses
            }
        )
    }

    private static func overview(_ report: PodReport) -> Table {
        Table(
            header: ["POD", "NODES", "NETWORKS", "FILES"],
            rows: report.pods.compactMap { entry in
                entry.pod.map { pod in
                    let networks = pod.networks.map(\.name).joined(separator: ",")
                    return [pod.name, "\(pod.nodes.count)", networks, entry.files.joined(separator: " ")]
                }
            }
        )
    }
}
