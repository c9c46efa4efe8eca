import Foundation
import LabModel
import Testing
import YAML

@testable import PodSpec

@Suite("Spoilt files of pods")
struct PodMutationTests {
    /// Files of one kind each: ours, and real ones where they are.
    private struct Corpus {
        var networks: [String] = []
        var hosts: [String] = []
        var wholes: [String] = []
        var labs: [String] = []

        mutating func add(_ text: String, file: String) {
            // A file that cannot be read is missed by the golden test.
            guard let document = try? YAMLDocument.parse(text, file: file) else { return }
            switch PodFileKind(document) {
            case .compassNetwork, .installer: networks.append(text)
            case .compassHardware, .descriptor: hosts.append(text)
            case .own: wholes.append(text)
            case .lab: labs.append(text)
            case nil: break
            }
        }
    }

    private static let corpus: Corpus = {
        var corpus = Corpus()
        for (file, text) in [SampleFiles.compass, .opnfv, .own, .lab].flatMap(\.files) {
            corpus.add(text, file: file)
        }
        for path in PodCorpus.files where !path.contains("/schema/") {
            // A file that cannot be read is missed by the golden test.
            guard let text = try? String(contentsOfFile: "\(PodCorpus.folder)/\(path)", encoding: .utf8)
            else {
                continue
            }
            corpus.add(text, file: path)
        }
        return corpus
    }()

    /// How many files each of the tests spoils; `make fuzz` has it make many more.
    private static let count =
        ProcessInfo.processInfo.environment["VLAB_FUZZ_PODS"].flatMap { Int($0) } ?? 1_500

    private static let rules = Set(PodRule.allCases.map(\.rawValue) + YAMLRule.allCases.map(\.rawValue))

    @Test("are read or refused, each problem with its place and rule, never worse", .timeLimit(.minutes(60)))
    func survive() {
        var (pods, problems) = (0, 0)
        for seed in 0..<UInt64(Self.count) {
            var mutation = FileMutation(seed: seed)
            let corpus = Self.corpus
            var (network, hosts, whole) = (
                mutation.pick(corpus.networks), mutation.pick(corpus.hosts), mutation.pick(corpus.wholes)
            )
            var lab = mutation.pick(corpus.labs)
            let isWhole = mutation.number(below: 3) == 0
            switch mutation.number(below: isWhole ? 2 : 5) {
            case 0: lab = mutation.spoil(lab, with: network)
            case 1 where isWhole: whole = mutation.spoil(whole, with: mutation.pick([hosts, network, lab]))
            case 1, 2: network = mutation.spoil(network, with: hosts)
            default: hosts = mutation.spoil(hosts, with: network)
            }
            var reader = PodReader(name: "pod")
            let pod = reader.pod(
                network: document(
                    isWhole ? whole : network,
                    isWhole ? "pod.yml" : "network.yml",
                    &problems,
                    seed
                ),
                hardware: isWhole ? nil : document(hosts, "dha.yml", &problems, seed),
                lab: document(lab, "lab.yml", &problems, seed)
            )
            check(reader.diagnostics, seed)
            problems += reader.diagnostics.count
            if let pod {
                pods += 1
                expectSound(pod, seed)
                let isRight = reader.diagnostics.allSatisfy { $0.severity != .error }
                if isRight, seed.isMultiple(of: 4) { expectConvertible(pod, seed) }
            }
        }
        #expect(pods > Self.count / 20 && problems > Self.count)
    }

    /// vlab's own format says whatever a pod is; another may refuse it, with its reasons.
    private func expectConvertible(_ pod: Pod, _ seed: UInt64) {
        for target in PodTarget.allCases {
            do throws(PodNotConvertible) {
                let items = try PodConversion(of: pod, to: target).items
                #expect(target != .vlab || items == [], "seed \(seed)")
            } catch {
                #expect(target != .vlab && !error.problems.isEmpty, "seed \(seed): \(error)")
            }
        }
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
        #expect(pod.positions.count <= NICPosition.last + 1, "seed \(seed)")
        let plugged = pod.switches.flatMap(\.ports)
        #expect(
            plugged.count == nics.count && Set(plugged).count == Set(nics.map(\.mac)).count,
            "seed \(seed)"
        )
    }
}
