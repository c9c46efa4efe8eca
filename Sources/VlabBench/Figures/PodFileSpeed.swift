import Foundation
import LabModel
import PodSpec
import Sandbox

/// Reading, checking and planning pods: of a thousand nodes, and all that people have written.
struct PodFileSpeed: Measurement {
    let name = "pods"
    private static let timeLimit = 1.0
    private static let memoryLimit = 100.0
    /// Files of real pods, beside the project's folder where they are.
    private static let corpus = "../shared/pods"

    func measure(with bench: Bench) async throws -> [Figure] {
        let folder = "\(bench.state)-pods"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        // Files that stay behind are small.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var times: [Int: Double] = [:]
        for count in [1_000, 2_000] {
            let place = "\(folder)/pod-\(count)"
            try write(nodes: count, to: place)
            times[count] = try (0..<bench.runs).map { _ in try check(place, nodes: count) }.median
        }
        let thousand = times[1_000] ?? .nan
        let growth = (times[2_000] ?? .nan) / thousand
        let peak = try await peakMemory(of: "\(folder)/pod-1000", bench)
        var figures = [
            Figure(
                what: "pod of 1,000 nodes read, checked and planned",
                value: thousand,
                unit: .seconds,
                target: "≤ 1 s",
                isMet: thousand <= Self.timeLimit,
                notes: [String(format: "2,000 nodes take %.1f times as long", growth)]
            ),
            Figure(
                what: "memory of vlab pod check, 1,000 nodes",
                value: peak,
                unit: .mebibytes,
                target: "≤ 100 MB",
                isMet: peak <= Self.memoryLimit,
                notes: ["the highest resident size that was seen"]
            ),
        ]
        if let all = try checkCorpus(bench) { figures.append(all) }
        return figures
    }

    private func check(_ place: String, nodes: Int) throws -> Double {
        let start = ContinuousClock.now
        let report = PodReport(checking: ["\(place)/network.yml", "\(place)/dha.yml"])
        guard let pod = report.pods.first?.pod, !report.hasErrors, pod.nodes.count == nodes else {
            throw BenchError(
                "the generated pod is not read: \(report.diagnostics.first.map { "\($0)" } ?? "")"
            )
        }
        _ = SandboxPlan(pod: pod)
        return (ContinuousClock.now - start).seconds
    }

    /// Nil where there are no such files.
    private func checkCorpus(_ bench: Bench) throws -> Figure? {
        let names = FileManager.default.enumerator(atPath: Self.corpus)?.compactMap { $0 as? String } ?? []
        let files = names.filter { $0.hasSuffix(".yml") || $0.hasSuffix(".yaml") }.map {
            "\(Self.corpus)/\($0)"
        }
        guard !files.isEmpty else {
            Terminal.note("pods: there is no \(Self.corpus): files of real pods are not measured")
            return nil
        }
        let times = (0..<bench.runs).map { _ in
            let start = ContinuousClock.now
            _ = PodReport(checking: files)
            return (ContinuousClock.now - start).seconds
        }
        return Figure(
            what: "\(files.count) files of real pods read and checked",
            value: times.median,
            unit: .seconds,
            target: "≤ 1 s",
            isMet: times.median <= Self.timeLimit,
            runs: times
        )
    }

    /// In mebibytes, looked at as often as possible while the command runs.
    private func peakMemory(of place: String, _ bench: Bench) async throws -> Double {
        let seen = Peak()
        let result = try await bench.attempt(["pod", "check", place], within: .seconds(60)) { process in
            // Ended by the command's own end, which empties the file.
            for _ in 0..<60_000 {
                let status = ProcFile.text("/proc/\(process)/status")
                guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }) else {
                    return
                }
                await seen.take(line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first)
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        guard result.isGood else { throw BenchError("vlab pod check: \(result.output.suffix(500))") }
        return await seen.kibibytes / 1_024
    }

    private actor Peak {
        private(set) var kibibytes = 0.0
        func take(_ text: Substring?) { kibibytes = max(kibibytes, text.flatMap { Double($0) } ?? 0) }
    }

    private func write(nodes count: Int, to place: String) throws {
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        var network = "sys_intf_mappings:\n"
        for (index, name) in ["mgmt", "external", "storage"].enumerated() {
            network += "  - {name: \(name), interface: eth\(index), type: normal, vlan_tag: None}\n"
        }
        network += "ip_settings:\n"
        for (index, name) in ["mgmt", "external", "storage"].enumerated() {
            let boot = index == 0 ? ", gw: 10.0.0.1, dhcp_ranges: [[10.0.201.0, 10.0.240.0]]" : ""
            let range = "ip_ranges: [[10.\(index).1.0, 10.\(index).200.255]]"
            network += "  - {name: \(name), cidr: 10.\(index).0.0/16, \(range)\(boot)}\n"
        }
        var hosts = "TYPE: baremetal\nFLAVOR: cluster\nipmiUser: root\nipmiPass: admin\nhosts:\n"
        for number in 0..<count {
            let tail = String(format: "%02x:%02x", number >> 8, number & 0xFF)
            hosts += """
                  - name: host\(number)
                    mac: '02:00:00:00:\(tail)'
                    interfaces: [{eth1: '02:00:00:01:\(tail)'}, {eth2: '02:00:00:02:\(tail)'}]
                    ipmiIp: 172.16.\(number / 250).\(number % 250 + 1)
                    roles: [\(number < 3 ? "controller, ha" : "compute")]

                """
        }
        try network.write(toFile: "\(place)/network.yml", atomically: true, encoding: .utf8)
        try hosts.write(toFile: "\(place)/dha.yml", atomically: true, encoding: .utf8)
    }
}
