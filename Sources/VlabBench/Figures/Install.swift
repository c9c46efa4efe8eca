import Foundation

/// Five nodes from power on to installed and reachable, deployed by vdeploy with its default policy.
struct Install: Measurement {
    let name = "install"
    private static let limit = 90.0

    func measure(with bench: Bench) async throws -> [Figure] {
        let pod = try bench.folder(of: "pod1")
        try await bench.run("image", "build", within: .seconds(600))
        let floor = try await bench.byHand("pod1", until: .kernel)
        try await bench.run("up", pod)
        bench.learn()
        let work = "\(bench.state)/deploy"
        let vdeploy = URL(fileURLWithPath: bench.vlab).deletingLastPathComponent().path + "/vdeploy"
        let result = try await bench.attempt(
            [
                "exec", "pod1", "--", vdeploy, "deploy", pod, "--work", work, "--policy", "default",
                "--mirror", "http://mirror-a.vlab.test",
                "--mirror", "http://mirror-b.vlab.test",
            ],
            within: .seconds(900)
        )
        try await bench.run("down", "pod1")
        guard result.isGood else { throw BenchError("vdeploy failed: \(result.output.suffix(3000))") }
        let times = try JournalTimes(contentsOf: "\(work)/journal.jsonl")
        let seconds = try times.span(from: "power", to: "install")
        return [
            Figure(
                what: "five nodes, power on to SSH",
                value: seconds,
                unit: .seconds,
                floor: floor,
                floorIs:
                    "five QEMUs by hand given kernel and initrd directly, until each kernel starts its first program",
                target: "≤ 90 s",
                isMet: seconds <= Self.limit,
                runs: [seconds],
                notes: [
                    "two boots a node and the image's way over the network and to the disk; all of vdeploy took "
                        + String(format: "%.0f s", result.time.seconds)
                ]
            )
        ]
    }
}

/// When vdeploy's stages began and ended, from its journal.
struct JournalTimes {
    private struct Entry: Decodable {
        var time: Date
        var event: String
        var stage: String?
    }
    private let entries: [Entry]

    init(contentsOf path: String) throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        entries = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try decoder.decode(Entry.self, from: Data($0.utf8))
        }
    }

    func span(from first: String, to last: String) throws -> Double {
        guard let start = entries.first(where: { $0.event == "stageStarted" && $0.stage == first }),
            let end = entries.first(where: { $0.event == "stageFinished" && $0.stage == last })
        else { throw BenchError("vdeploy's journal has no stages \(first) to \(last)") }
        return end.time.timeIntervalSince(start.time)
    }
}
