/// What the others notice while one machine takes its time: nothing, and neither does its own BMC's status.
struct BMCSlowMachine: Measurement {
    let name = "bmc-slow"
    private static let span = 7.0
    /// More than that would be noticed by somebody.
    private static let limit = 2.0

    func measure(with bench: Bench) async throws -> [Figure] {
        let own = try await bounded(by: .seconds(90), "slow machines") {
            try await OwnBMCs(vlab: bench.vlab, count: 2, delay: "3s").serve { try Self.measure($0) }
        }
        var peer: Slowness?
        var lacking: [String] = []
        do {
            let virtualBMC = VirtualBMCFromPyPI(folder: "\(bench.state)/virtualbmc", delay: 3)
            peer = try await bounded(by: .seconds(90), "virtualbmc") {
                try await virtualBMC.serve { try Self.measure($0) }
            }
        } catch {
            lacking = ["virtualbmc: \(error)"]
        }
        func figure(
            _ what: String,
            _ busy: KeyPath<Slowness, Double>,
            _ quiet: KeyPath<Slowness, Double>
        ) -> Figure {
            Figure(
                what: what,
                value: own[keyPath: busy],
                unit: .microseconds,
                floor: own[keyPath: quiet],
                floorIs: "the same clients while no machine is busy",
                peers: peer.map { ["virtualbmc": $0.own] } ?? [:],
                target: "≤ \(Self.limit) ×",
                isMet: own[keyPath: busy] <= Self.limit * own[keyPath: quiet],
                notes: ["\(own.operations) operations meanwhile, each 3 s"] + lacking
            )
        }
        return [
            figure("status of a machine at a 3 s operation, 99 of 100", \.own, \.ownQuiet),
            figure("status of another machine meanwhile, 99 of 100", \.other, \.otherQuiet),
        ]
    }

    /// In microseconds, and how many operations there were.
    private struct Slowness: Sendable { var ownQuiet, otherQuiet, own, other: Double, operations: Int }

    private static func measure(_ bmcs: RunningBMCs) throws -> Slowness {
        let (slow, other) = (bmcs.ports[0], bmcs.ports[bmcs.ports.count - 1])
        let load = try Load([(slow, .status), (other, .status), (slow, .reset)], account: bmcs.account)
        try load.powerOn()
        let quiet = try load.run(seconds: 3, without: .reset)
        let busy = try load.run(seconds: span)
        func slowest(_ outcome: Load.Outcome) -> Double { outcome.quantile(0.99) * 1e6 }
        return Slowness(
            ownQuiet: slowest(quiet[0]),
            otherQuiet: slowest(quiet[1]),
            own: slowest(busy[0]),
            other: slowest(busy[1]),
            operations: busy[2].count
        )
    }
}
