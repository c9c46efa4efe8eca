/// What a BMC costs in memory and processor time, and how fast a thousand start.
struct BMCSize: Measurement {
    let name = "bmc-size"
    private static let limit = 50.0
    private static let idle = Duration.seconds(10)
    /// As many of each peer, which has a process for each.
    private static let few = 10

    func measure(with bench: Bench) async throws -> [Figure] {
        let one = try await size(bench, 1).size
        let hundred = try await size(bench, 100, idle: true)
        let thousand = try await size(bench, 1000)
        let (peers, lacking) = await peers(bench)
        func memory(_ count: Int, _ size: Double) -> Figure {
            let each = (size - one) / Double(count - 1)
            return Figure(
                what: "memory of a BMC, \(count) in one process",
                value: each,
                unit: .kibibytes,
                floor: peers["ipmi_sim"],
                floorIs: peers["ipmi_sim"].map { _ in "ipmi_sim, one process" },
                peers: peers.filter { $0.key != "ipmi_sim" },
                target: "≤ 50 KB",
                isMet: each <= Self.limit,
                notes: [
                    "proportional set size beyond that of the same process with one BMC, \(Int(one)) KB"
                ] + lacking
            )
        }
        return [
            memory(100, hundred.size),
            memory(1000, thousand.size),
            Figure(
                what: "start of 1,000 BMCs",
                value: thousand.start,
                unit: .seconds,
                target: "≤ 1 s",
                isMet: thousand.start <= 1,
                notes: [
                    "until the last address is printed; libvirt's test driver defines 1,000 domains in that"
                ]
            ),
            Figure(
                what: "processor, 100 idle BMCs",
                value: hundred.processor,
                unit: .percent,
                target: "0 (< 0.1 %)",
                isMet: hundred.processor < 0.1,
                notes: ["of one processor, over \(Self.idle.seconds) s"]
            ),
        ]
    }

    private struct Cost: Sendable { var size, start, processor: Double }

    private func size(_ bench: Bench, _ count: Int, idle: Bool = false) async throws -> Cost {
        try await bounded(by: .seconds(60), "\(count) BMCs") {
            try await OwnBMCs(vlab: bench.vlab, count: count).serve { bmcs in
                // Each has answered once, so that what only an answer needs is there too.
                for port in bmcs.ports { try await RunningBMCs.awaitAnswer(port: port, bmcs.account) }
                let before = bmcs.processorTime
                if idle { try await Task.sleep(for: Self.idle) }
                let used = idle ? (bmcs.processorTime - before) / Self.idle.seconds * 100 : 0
                return Cost(size: bmcs.size, start: bmcs.startTime.seconds, processor: used)
            }
        }
    }

    /// What each BMC of the peers takes, in KB.
    private func peers(_ bench: Bench) async -> (sizes: [String: Double], lacking: [String]) {
        var (sizes, lacking): ([String: Double], [String]) = ([:], [])
        do {
            let simulator = IPMISimulator(folder: "\(bench.state)/ipmi_sim")
            sizes["ipmi_sim"] = try await simulator.serve { $0.size }
        } catch {
            lacking.append("ipmi_sim: \(error)")
        }
        do {
            let virtualBMC = VirtualBMCFromPyPI(folder: "\(bench.state)/virtualbmc", count: Self.few)
            sizes["virtualbmc"] = try await virtualBMC.serve { $0.size / Double(Self.few) }
        } catch {
            lacking.append("virtualbmc: \(error)")
        }
        return (sizes, lacking)
    }
}
