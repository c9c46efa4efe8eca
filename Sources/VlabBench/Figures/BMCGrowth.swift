/// What sessions leave in memory: nothing, whether they are closed or not.
struct BMCGrowth: Measurement {
    let name = "bmc-growth"
    private static let many = 100_000
    /// A server of the peers' gets fewer: it grows with each.
    private static let few = 2000
    /// What one allocation more or less can make.
    private static let limit = 1024.0
    /// As many are let in at once as there may be sessions.
    private static let clients = 16

    func measure(with bench: Bench) async throws -> [Figure] {
        var figures: [Figure] = []
        for (what, job) in [
            ("closed", Load.Job.session), ("left open", .abandonedSession),
            ("left half-way", .abandonedLogIn),
        ] {
            let own = try await bounded(by: .seconds(320), "sessions \(what)") {
                try await OwnBMCs(vlab: bench.vlab).serve { try Self.growth(of: $0, job, Self.many) }
            }
            figures.append(
                Figure(
                    what: "growth by 100,000 sessions \(what)",
                    value: own.growth,
                    unit: .kibibytes,
                    peers: job == .session ? await peers(bench) : [:],
                    target: "flat (≤ 1,024 KB)",
                    isMet: own.growth <= Self.limit,
                    notes: ["after a first thousand; \(own.refusals) were refused, \(Int(own.rate)) a second"]
                )
            )
        }
        return figures
    }

    /// What 100,000 closed sessions make a peer grow, reckoned from fewer.
    private func peers(_ bench: Bench) async -> [String: Double] {
        var found: [String: Double] = [:]
        let virtualBMC = VirtualBMCFromPyPI(folder: "\(bench.state)/virtualbmc")
        let simulator = IPMISimulator(folder: "\(bench.state)/ipmi_sim")
        for server in [virtualBMC, simulator] as [any BMCServer] {
            do {
                let growth = try await bounded(by: .seconds(120), server.name) {
                    try await server.serve { try Self.growth(of: $0, .session, Self.few) }
                }
                found[server.name] = growth.growth * Double(Self.many) / Double(Self.few)
            } catch {
                Terminal.note("\(server.name): \(error)")
            }
        }
        return found
    }

    private static func growth(
        of bmcs: RunningBMCs,
        _ job: Load.Job,
        _ count: Int
    ) throws -> (growth: Double, refusals: Int, rate: Double) {
        let load = try Load(Array(repeating: (bmcs.ports[0], job), count: clients), account: bmcs.account)
        _ = try load.run(seconds: 60, count: 1000)
        let before = bmcs.size
        let outcomes = try load.run(seconds: 280, count: count)
        let done = outcomes.map(\.count).reduce(0, +)
        guard done >= count else { throw BenchError("only \(done) of \(count) sessions in time") }
        return (
            bmcs.size - before, outcomes.map(\.refusals).reduce(0, +), outcomes.map(\.rate).reduce(0, +)
        )
    }
}
