import Subprocess

/// What every command costs before it does anything.
struct StartUp: Measurement {
    let name = "startup"

    func measure(with bench: Bench) async throws -> [Figure] {
        var (ours, floors): ([Double], [Double]) = ([], [])
        for _ in 0..<bench.runs * 3 {
            ours.append(try await bench.run("list").time.seconds)
            let start = ContinuousClock.now
            _ = try await Subprocess.run(.name("true"), output: .discarded)
            floors.append((ContinuousClock.now - start).seconds)
        }
        return [
            Figure(
                what: "vlab list, no lab",
                value: ours.median,
                unit: .seconds,
                floor: floors.median,
                floorIs: "true(1), started in the same way",
                target: "–",
                runs: ours
            )
        ]
    }
}
