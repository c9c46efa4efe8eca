/// Racking the five-node pod, and switching its machines on, against five QEMUs by hand.
struct Up: Measurement {
    let name = "up"
    private static let limit = 3.0

    func measure(with bench: Bench) async throws -> [Figure] {
        let pod = try bench.folder(of: "pod1")
        var times: [String: [Double]] = [:]
        // The first lab after libvirt's cache was emptied probes QEMU, once for all labs: not part of the figure.
        for run in -1..<bench.runs {
            let ready = try await bench.byHand("pod1", until: .ready)
            let running = try await bench.byHand("pod1", until: .running)
            let up = try await bench.run("up", pod).time.seconds
            let on = try await bench.run("power", "pod1", "on").time.seconds
            bench.learn()
            try await bench.run("down", "pod1")
            guard run >= 0 else { continue }
            for (key, value) in [("ready", ready), ("running", running), ("up", up), ("on", up + on)] {
                times[key, default: []].append(value)
            }
        }
        func figure(_ what: String, _ key: String, floor: String, floorIs: String, note: String) -> Figure {
            let runs = times[key] ?? []
            let (value, base) = (runs.median, (times[floor] ?? []).median)
            return Figure(
                what: what,
                value: value,
                unit: .seconds,
                floor: base,
                floorIs: floorIs,
                target: "≤ 2 × and ≤ 3 s",
                isMet: value <= 2 * base && value <= Self.limit,
                runs: runs,
                notes: [note]
            )
        }
        let byHand = "five QEMUs by hand, disks and taps made before the clock starts, until each"
        return [
            figure(
                "up of pod1",
                "up",
                floor: "ready",
                floorIs: "\(byHand) answers on QMP, stopped (-S)",
                note:
                    "sandbox, libvirt, switches, five machines defined, five BMCs answer; the machines are off"
            ),
            figure(
                "up of pod1 and power on",
                "on",
                floor: "running",
                floorIs: "\(byHand) answers on QMP that it runs",
                note:
                    "vlab up, then vlab power on, two commands; five machines run and their consoles are recorded"
            ),
        ]
    }
}
