import Foundation
import LabModel
import Testing
import YAML

@testable import PodSpec

@Suite("Spoilt files of pods")
struct PodMutationTests {
    /// Files of one kind each, by halves of pods: ours, and real ones where they are.
    private static let halves: (networks: [String], hosts: [String]) = {
        let samples = [SampleFiles.compass, .opnfv]
        var networks = samples.compactMap { $0.files["network.yml"] ?? $0.files["idf-pod.yaml"] }
        var hosts = samples.compactMap { $0.files["dha.yml"] ?? $0.files["pod.yaml"] }
        for path in PodCorpus.files where !path.contains("/schema/") {
            // A file that cannot be read is missed by the golden test.
            guard let text = try? String(contentsOfFile: "\(PodCorpus.folder)/\(path)", encoding: .utf8),
                let document = try? YAMLDocument.parse(text, file: path)
            else { continue }
            switch PodFileKind(document) {
            case .compassNetwork, .installer: networks.append(text)
            case .compassHardware, .descriptor: hosts.append(text)
            case .lab, nil: continue
            }
        }
        return (networks, hosts)
    }()

    /// How many files each of the tests spoils; `VLAB_FUZZ=100000` for a long night.
    private static let count = ProcessInfo.processInfo.environment["VLAB_FUZZ"].flatMap { Int($0) } ?? 1_500

    private static let rules = Set(PodRule.allCases.map(\.rawValue) + YAMLRule.allCases.map(\.rawValue))

    @Test("are read or refused, each problem with its place and rule, never worse", .timeLimit(.minutes(20)))
    func survive() {
        var (pods, problems) = (0, 0)
        for seed in 0..<UInt64(Self.count) {
            var mutation = FileMutation(seed: seed)
            let pair = (mutation.pick(Self.halves.networks), mutation.pick(Self.halves.hosts))
            let isNetwork = mutation.number(below: 2) == 0
            let spoilt = mutation.spoil(isNetwork ? pair.0 : pair.1, with: isNetwork ? pair.1 : pair.0)
            let network = document(isNetwork ? spoilt : pair.0, "network.yml", &problems, seed)
            let hosts = document(isNetwork ? pair.1 : spoilt, "dha.yml", &problems, seed)
            var reader = PodReader(name: "pod")
            let pod = reader.pod(network: network, hardware: hosts, lab: nil)
            check(reader.diagnostics, seed)
            problems += reader.diagnostics.count
            if let pod {
                pods += 1
                expectSound(pod, seed)
            }
        }
        #expect(pods > Self.count / 20 && problems > Self.count)
    }

    private func document(
        _ text: String,
        _ file: String,
        _ problems: inout Int,
        _ seed: UInt64
    ) -> YAMLDocument? {
        do {
            return try YAMLDocument.parse(text, file: file)
        } catch {
            check(error.all, seed)
            problems += error.all.count
            return nil
        }
    }

    private func check(_ diagnostics: [Diagnostic], _ seed: UInt64) {
        let odd = diagnostics.first { problem in
            problem.line < 1 || problem.column < 1 || problem.message.isEmpty
                || !Self.rules.contains(problem.rule ?? "")
        }
        #expect(odd == nil, "seed \(seed): \(odd?.description ?? "")")
    }

    /// What the rest of the program takes for granted of every pod.
    private func expectSound(_ pod: Pod, _ seed: UInt64) {
        let nics = pod.nodes.flatMap(\.nics)
        #expect(nics.allSatisfy { NICPosition($0.name) != nil }, "seed \(seed)")
        #expect(pod.networks.allSatisfy { NICPosition($0.interface) != nil }, "seed \(seed)")
        #expect(pod.networks.allSatisfy { $0.vlan.map { (1...4094).contains($0) } ?? true }, "seed \(seed)")
        #expect(pod.switches.count <= NICPosition.last + 1, "seed \(seed)")
    }
}
