import Foundation

/// What the lab itself costs: memory, and processor time while nothing happens.
struct Memory: Measurement {
    let name = "memory"
    private static let limit = 60.0
    private static let idle = Duration.seconds(10)

    func measure(with bench: Bench) async throws -> [Figure] {
        try await bench.run("up", try bench.folder(of: "pod1"))
        bench.learn()
        try await Task.sleep(for: .seconds(1))
        let off = sizes(bench)
        let before = processorTime(bench)
        try await Task.sleep(for: Self.idle)
        let used = (processorTime(bench) - before) / Self.idle.seconds * 100
        try await bench.run("power", "pod1", "on")
        try await Task.sleep(for: Self.idle)
        let on = sizes(bench)
        try await bench.run("down", "pod1")
        return [
            figure("memory of the lab, nodes off", off, isPromised: false),
            figure("memory of the lab, five nodes running", on, isPromised: true),
            Figure(
                what: "processor, nodes off",
                value: used,
                unit: .percent,
                target: "0 (< 0.1 %)",
                isMet: used < 0.1,
                notes: ["of one processor, over \(Self.idle.seconds) s"]
            ),
        ]
    }

    /// All that is the lab's but guests and engine.
    private func own(_ bench: Bench) -> [LabProcess] {
        bench.trace.processes.filter { ![.qemu, .engine].contains($0.part) }
    }

    private func sizes(_ bench: Bench) -> [(String, Double)] {
        own(bench).compactMap { process in
            let name =
                process.command.first.map { $0.split(separator: "/").last.map(String.init) ?? $0 } ?? "?"
            return process.proportionalSize.map { (name, Double($0) / 1_048_576) }
        }
    }

    /// In seconds.
    private func processorTime(_ bench: Bench) -> Double {
        own(bench).map { Double($0.processorTime) / 1e9 }.reduce(0, +)
    }

    private func figure(_ what: String, _ sizes: [(String, Double)], isPromised: Bool) -> Figure {
        let sum = sizes.map(\.1).reduce(0, +)
        let parts = sizes.sorted { $0.1 > $1.1 }.map { String(format: "\($0.0) %.1f MB", $0.1) }
        return Figure(
            what: what,
            value: sum,
            unit: .mebibytes,
            target: isPromised ? "≤ 60 MB" : "–",
            isMet: isPromised ? sum <= Self.limit : nil,
            notes: [
                "proportional set sizes: \(parts.joined(separator: ", ")); what other processes map too counts in parts"
            ]
        )
    }
}
