import LabModel
import Testing

@testable import Scenario

@Suite("Whatever the seed")
struct SimulationTests {
    private static let seeds = UInt64(0)..<200

    private func simulate(
        _ name: String,
        _ engine: Simulation.Engine,
        _ seed: UInt64,
        budget: Duration? = nil
    ) throws -> (Verdict, Simulation) {
        var scenario = try QuickScenarios.read(name)
        scenario.seed = seed
        if let budget { scenario.budget = budget }
        var simulation = Simulation(scenario, on: QuickScenarios.pod, engine: engine, seed: seed)
        let end = simulation.run()
        let verdict = try #require(end)
        return (verdict, simulation)
    }

    @Test("an engine that copes passes, and every fault bit it", arguments: seeds)
    func copes(seed: UInt64) throws {
        for name in QuickScenarios.names {
            let (verdict, simulation) = try simulate(name, .copes, seed)
            #expect(verdict.outcome == .passed, "\(verdict.lines.joined(separator: "\n"))")
            #expect(verdict.faults.allSatisfy { $0.applied > 0 })
            // What is still open belongs to faults that were not over yet, for the runner to heal.
            #expect(simulation.open.isEmpty == verdict.faults.allSatisfy { $0.healed != nil })
        }
    }

    @Test("an engine that gives up fails, and passes where that is expected", arguments: seeds)
    func givesUp(seed: UInt64) throws {
        for name in QuickScenarios.names where name != "nic-flap" {
            let (failed, _) = try simulate(name, .givesUp, seed)
            #expect(failed.outcome == .failed, "\(failed.lines.joined(separator: "\n"))")
            #expect(failed.reasons.contains { $0.contains("expected that the engine's end is SUCCESSFUL") })
            let (passed, _) = try simulate("\(name)-compass", .givesUp, seed)
            #expect(passed.outcome == .passed, "\(passed.lines.joined(separator: "\n"))")
            let (wrong, _) = try simulate("\(name)-compass", .copes, seed)
            #expect(wrong.outcome == .failed, "\(wrong.lines.joined(separator: "\n"))")
        }
    }

    @Test("an engine that hangs fails when the budget is used up, not later", arguments: seeds)
    func hangs(seed: UInt64) throws {
        for name in ["download-timeout", "ntp-stuck"] {
            let (verdict, _) = try simulate(name, .hangs, seed, budget: .seconds(300))
            #expect(verdict.outcome == .failed, "\(verdict.lines.joined(separator: "\n"))")
            #expect(verdict.seconds == 300)
            #expect(verdict.engine == "still running")
        }
    }

    @Test("an engine that ends before the fault bites proves nothing", arguments: seeds)
    func exitsAtOnce(seed: UInt64) throws {
        for name in QuickScenarios.names + QuickScenarios.names.map({ $0 + "-compass" }) {
            let (verdict, _) = try simulate(name, .exitsAtOnce, seed)
            #expect(verdict.outcome == .inconclusive, "\(verdict.lines.joined(separator: "\n"))")
            #expect(verdict.reasons.first?.contains("never bit") == true)
        }
    }

    @Test("an engine that is not there is nobody's failure", arguments: seeds)
    func missing(seed: UInt64) throws {
        for name in QuickScenarios.names {
            let (verdict, _) = try simulate(name, .missing, seed)
            #expect(verdict.outcome == .broken)
            #expect(verdict.reasons.first?.contains("cannot start /nonexistent/engine: no such file") == true)
        }
    }

    @Test("two runs with one seed are the same run", arguments: [UInt64(0), 1, 42])
    func same(seed: UInt64) throws {
        for name in QuickScenarios.names {
            let (first, one) = try simulate(name, .copes, seed)
            let (second, two) = try simulate(name, .copes, seed)
            #expect(first == second)
            #expect(one.events.map(\.event) == two.events.map(\.event))
        }
    }

    @Test("the dice choose each controller sometimes")
    func choices() throws {
        let faults = try Self.seeds.map { seed in try simulate("nic-flap", .copes, seed).0.faults[0] }
        #expect(faults.allSatisfy { $0.nodes.count == 1 })
        #expect(Set(faults.flatMap(\.nodes)) == ["ctl01", "ctl02", "ctl03"])
        #expect(faults.count { $0.healed != nil } > 150)
    }

    @Test("a link flaps as often as it should, unless the engine is through before", arguments: seeds)
    func flaps(seed: UInt64) throws {
        let (verdict, simulation) = try simulate("nic-flap", .copes, seed)
        let fault = verdict.faults[0]
        let own = simulation.events.filter { $0.details["fault"] == fault.id }
        let end = fault.healed == nil ? [] : ["fault.healed"]
        #expect(fault.healed == nil ? (1...4).contains(fault.applied) : fault.applied == 4)
        #expect(
            own.map(\.event) == ["fault.armed"] + Array(repeating: "fault.applied", count: fault.applied)
                + end
        )
        #expect(own.compactMap { $0.details["cycle"] } == (1...fault.applied).map(String.init))
    }
}
