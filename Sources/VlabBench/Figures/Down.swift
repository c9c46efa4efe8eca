/// Ending a lab with five machines that run.
struct Down: Measurement {
    let name = "down"
    private static let limit = 0.5

    func measure(with bench: Bench) async throws -> [Figure] {
        let pod = try bench.folder(of: "pod1")
        var (times, left): ([Double], [String]) = ([], [])
        for _ in 0..<bench.runs {
            try await bench.run("up", pod)
            try await bench.run("power", "pod1", "on")
            try await Task.sleep(for: .seconds(3))
            bench.learn()
            times.append(try await bench.run("down", "pod1").time.seconds)
            left += bench.trace.leftovers
        }
        return [
            Figure(
                what: "down, five nodes running",
                value: times.median,
                unit: .seconds,
                target: "≤ 0.5 s",
                isMet: times.median <= Self.limit,
                runs: times
            ),
            Figure(
                what: "left over when down returns",
                value: Double(left.count),
                unit: .count,
                target: "0",
                isMet: left.isEmpty,
                notes: Array(left.prefix(5))
            ),
        ]
    }
}
