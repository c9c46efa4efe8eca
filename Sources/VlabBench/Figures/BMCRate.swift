import IPMI

/// How fast a BMC answers, against virtualbmc and OpenIPMI's ipmi_sim under the same load.
struct BMCRate: Measurement {
    let name = "bmc"
    static let crowd = 16
    private static let span = 0.5

    /// What one server does, run by run.
    private struct Rates: Sendable {
        var commands: [Int: [Double]] = [:]
        var sessions: [Int: [Double]] = [:]
        /// Of one client's status requests, in microseconds.
        var half: [Double] = []
        var slowest: [Double] = []
        /// How much of a processor the asking took at most.
        var asking = 0.0
        /// How many questions were answered by no.
        var refusals = 0
        var refusedWith: Set<UInt8> = []
    }

    func measure(with bench: Bench) async throws -> [Figure] {
        let own = OwnBMCs(vlab: bench.vlab)
        let simulator = IPMISimulator(folder: "\(bench.state)/ipmi_sim")
        let virtualBMC = VirtualBMCFromPyPI(folder: "\(bench.state)/virtualbmc")
        var rates: [String: Rates] = [:]
        var lacking: [String] = []
        let servers: [any BMCServer] = [own, simulator, virtualBMC]
        // In turns, so that what else the machine does meets all of them.
        for _ in 0..<bench.runs {
            for server in servers where !lacking.contains(where: { $0.hasPrefix(server.name) }) {
                do {
                    let before = rates[server.name] ?? Rates()
                    rates[server.name] = try await bounded(by: .seconds(120), server.name) {
                        try await server.serve { try Self.add(to: before, $0) }
                    }
                } catch let error as NotInstalled {
                    lacking.append("\(server.name): \(error)")
                } catch {
                    guard server.name != own.name else { throw error }
                    lacking.append("\(server.name) failed: \(error)")
                }
            }
        }
        if let refusals = rates[own.name]?.refusals, refusals > 0 {
            let statuses = rates[own.name]?.refusedWith.sorted().map { "0x" + String($0, radix: 16) } ?? []
            throw BenchError(
                "\(refusals) good questions were refused: \(statuses.joined(separator: ", "))"
            )
        }
        for (name, rate) in rates where rate.refusals > 0 {
            lacking.append("\(name) refused \(rate.refusals) good questions, which do not count")
        }
        return Self.figures(rates, lacking)
    }

    private static func add(to before: Rates, _ bmcs: RunningBMCs) throws -> Rates {
        var rates = before
        for clients in [1, crowd] {
            let status = try Load(
                Array(repeating: (bmcs.ports[0], .status), count: clients),
                account: bmcs.account
            )
            let commands = try status.run(seconds: span)
            rates.commands[clients, default: []].append(commands.map(\.rate).reduce(0, +))
            rates.asking = max(rates.asking, status.ownShare)
            try status.logOut()
            if clients == 1 {
                rates.half.append(commands[0].quantile(0.5) * 1e6)
                rates.slowest.append(commands[0].quantile(0.99) * 1e6)
            }
            let logIns = try Load(
                Array(repeating: (bmcs.ports[0], .session), count: clients),
                account: bmcs.account
            )
            let sessions = try logIns.run(seconds: span)
            rates.sessions[clients, default: []].append(sessions.map(\.rate).reduce(0, +))
            rates.asking = max(rates.asking, logIns.ownShare)
            rates.refusals += (commands + sessions).map(\.refusals).reduce(0, +)
            for outcome in commands + sessions { rates.refusedWith.formUnion(outcome.refusedWith) }
        }
        return rates
    }

    private static func figures(_ rates: [String: Rates], _ lacking: [String]) -> [Figure] {
        func figure(
            _ what: String,
            _ unit: Figure.Unit = .perSecond,
            _ target: (Double, Double) -> Bool = { $0 >= $1 },
            _ values: (Rates) -> [Double]?
        ) -> Figure {
            let own = rates["vlab"].flatMap(values) ?? []
            let floor = rates["ipmi_sim"].flatMap(values)?.median
            let other = rates["virtualbmc"].flatMap(values)?.median
            let asking = rates["vlab"]?.asking ?? 0
            return Figure(
                what: what,
                value: own.median,
                unit: unit,
                floor: floor,
                floorIs: floor.map { _ in "ipmi_sim, the same clients, in turns" },
                peers: other.map { ["virtualbmc": $0] } ?? [:],
                target: unit == .perSecond ? "≥ ipmi_sim's" : "–",
                isMet: unit == .perSecond ? floor.map { target(own.median, $0) } : nil,
                runs: own,
                notes: lacking + (unit == .perSecond ? [percent(asking)] : [])
            )
        }
        return [1, crowd].flatMap { clients in
            let who = clients == 1 ? "one client" : "\(clients) clients"
            return [
                figure("IPMI commands, \(who)") { $0.commands[clients] },
                figure("IPMI sessions, \(who)") { $0.sessions[clients] },
            ]
        } + [
            figure("IPMI status request, half of them", .microseconds) { $0.half },
            figure("IPMI status request, 99 of 100", .microseconds) { $0.slowest },
        ]
    }

    private static func percent(_ share: Double) -> String {
        "the asking took at most \(Int(share * 100)) % of a processor"
    }
}
